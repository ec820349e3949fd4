namespace NetKafka.Consuming;

/// <summary>
/// How <see cref="ShareConsumer{TKey, TValue}.ProcessAsync"/> works through a queue. Plain properties that bind from configuration; later
/// changes have no effect on a call that runs.
/// </summary>
public sealed class ShareProcessingOptions
{
    /// <summary>
    /// How many handlers run at a time. Where <see cref="ShareConsumerOptions.AcquireMode"/> is <see cref="ShareAcquireMode.RecordLimit"/> no more
    /// records than that are locked, so none waits here while other consumers are idle. Default 16, at least 1.
    /// </summary>
    public int MaxConcurrency { get; set; } = 16;

    /// <summary>
    /// Whether the locks of records in hand are renewed when half of their time is over, for as long as their handlers run (KIP-1222). Default
    /// true; takes brokers from 4.2 on, which is found out when the first lock is to be renewed.
    /// </summary>
    public bool RenewLocks { get; set; } = true;

    /// <summary>
    /// How long a handler may take. Past it the lock is not renewed any more, the handler's token ends, and the record is somebody else's once the
    /// lock has ended. Default 5 minutes, at least 1 ms.
    /// </summary>
    public TimeSpan MaxHandlingTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Decides what becomes of a record whose handler threw, whose <see cref="ShareRecord{TKey, TValue}.DeliveryCount"/> is the second
    /// argument: released for another try, rejected, or accepted after all. It may hand the record on before. Called for several records at a time; what it
    /// throws ends the call, and the record is released. Default none: the record is released.
    /// </summary>
    public Func<RecordProcessingException, short, CancellationToken, ValueTask<AcknowledgeType>>? OnError { get; set; }

    /// <summary>The same options, checked, in an object of their own.</summary>
    /// <exception cref="KafkaOptionsException">Something cannot work; every mistake is listed.</exception>
    internal ShareProcessingOptions Validated()
    {
        var mistakes = new List<string>();
        if (MaxConcurrency < 1)
            mistakes.Add($"MaxConcurrency is {MaxConcurrency}; it must be at least 1.");
        if (MaxHandlingTime < TimeSpan.FromMilliseconds(1))
            mistakes.Add($"MaxHandlingTime is {MaxHandlingTime}; it must be at least 1 ms.");
        return mistakes.Count > 0 ? throw new KafkaOptionsException(mistakes) : (ShareProcessingOptions)MemberwiseClone();
    }
}
