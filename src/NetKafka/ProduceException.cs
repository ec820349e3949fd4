namespace NetKafka;

/// <summary>
/// A record could not be delivered. <see cref="Fate"/> tells whether it may be in the topic all the same; the code, the
/// partition, the broker and the number of attempts are in the properties of <see cref="KafkaException"/>.
/// </summary>
/// <param name="message">Which partition, what happened, which setting bounds it.</param>
/// <param name="fate">Whether the record may have been written.</param>
/// <param name="inner">What caused it, if anything did.</param>
public sealed class ProduceException(string message, RecordFate fate, Exception? inner = null) : KafkaException(message, inner)
{
    /// <summary>Whether the record may have been written.</summary>
    public RecordFate Fate { get; } = fate;
}
