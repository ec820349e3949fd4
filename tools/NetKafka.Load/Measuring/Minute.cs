namespace NetKafka.Load.Measuring;

/// <summary>One minute of a sustained load, as it stood at its end.</summary>
/// <param name="Delivered">Deliveries in it.</param>
/// <param name="RssBytes">The process's memory.</param>
/// <param name="Gen0">Collections since the load began, the first seconds left out.</param>
/// <param name="Gen1">The same of generation 1.</param>
/// <param name="Gen2">The same of generation 2.</param>
/// <param name="LongestWait">The longest time for which the caller had to wait in it.</param>
readonly record struct Minute(long Delivered, long RssBytes, int Gen0, int Gen1, int Gen2, TimeSpan LongestWait);
