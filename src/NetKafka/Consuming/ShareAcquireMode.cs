namespace NetKafka.Consuming;

/// <summary>How many records a share consumer locks at a time (KIP-1206).</summary>
public enum ShareAcquireMode
{
    /// <summary>
    /// Whole batches as producers have written them, so that a fetch may bring more than <see cref="ShareConsumerOptions.MaxPollRecords"/>.
    /// The fastest.
    /// </summary>
    BatchOptimized,

    /// <summary>
    /// Never more than <see cref="ShareConsumerOptions.MaxPollRecords"/>, from one broker at a time: for records that take long. Takes brokers
    /// from 4.2 on.
    /// </summary>
    RecordLimit,
}
