namespace NetKafka;

/// <summary>
/// A handler of <see cref="Consumer{TKey, TValue}.ProcessAsync"/> threw: what it threw is the inner exception, the record is named by
/// <see cref="KafkaException.Partition"/> and <see cref="Offset"/>, and <see cref="KafkaException.Attempts"/> says how often the handler was
/// called for it. The record is not finished; the next call begins with it.
/// </summary>
/// <param name="message">Which record, and what its handler threw.</param>
/// <param name="inner">What the handler threw.</param>
public sealed class RecordProcessingException(string message, Exception? inner = null) : KafkaException(message, inner)
{
    /// <summary>The record's offset.</summary>
    public long Offset { get; init; } = -1;
}
