namespace NetKafka;

/// <summary>No broker could be reached, or the connection to the one that was needed broke.</summary>
/// <param name="message">Which address, what happened, and what to check.</param>
/// <param name="inner">The socket's error, if there was one.</param>
public sealed class KafkaConnectionException(string message, Exception? inner = null) : KafkaException(message, inner);
