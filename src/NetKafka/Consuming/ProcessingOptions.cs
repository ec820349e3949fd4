namespace NetKafka.Consuming;

/// <summary>
/// How <see cref="Consumer{TKey, TValue}.ProcessAsync"/> works on many records at a time. Plain properties that bind from configuration;
/// later changes have no effect on a call that runs.
/// </summary>
public sealed class ProcessingOptions
{
    /// <summary>What is handled one after another. Default <see cref="ProcessingOrder.ByKey"/>.</summary>
    public ProcessingOrder Order { get; set; } = ProcessingOrder.ByKey;

    /// <summary>How many handlers run at a time. Default 16, at least 1.</summary>
    public int MaxConcurrency { get; set; } = 16;

    /// <summary>
    /// How many records of a partition may be in hand: from the first that is not finished to the last that was read, also those between
    /// them that are finished already. A partition that has as many is not read on until half of them are behind it; others are. So a
    /// handler that hangs holds up its own partition alone, and at most so many records are handled again after a crash. Default 1000,
    /// at least 1.
    /// </summary>
    public int MaxPending { get; set; } = 1000;

    /// <summary>
    /// Decides on a record whose handler threw: it is left unfinished and ends the call, is skipped, or is tried again. It may hand the
    /// record on before, to a topic of its own. Called for several records at a time; what it throws ends the call. Not asked where a
    /// handler ends because its token did. Default none: the call ends.
    /// </summary>
    public Func<RecordProcessingException, CancellationToken, ValueTask<ProcessingErrorAction>>? OnError { get; set; }

    /// <summary>The same options, checked, in an object of their own.</summary>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    internal ProcessingOptions Validated()
    {
        var mistakes = new List<string>();
        if (!Enum.IsDefined(Order))
            mistakes.Add($"Order is {Order}, which is no value of it.");
        if (MaxConcurrency < 1)
            mistakes.Add($"MaxConcurrency is {MaxConcurrency}; it must be at least 1.");
        if (MaxPending < 1)
            mistakes.Add($"MaxPending is {MaxPending}; it must be at least 1.");
        return mistakes.Count > 0 ? throw new KafkaOptionsException(mistakes) : (ProcessingOptions)MemberwiseClone();
    }
}
