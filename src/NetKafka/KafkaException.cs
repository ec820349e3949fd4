using NetKafka.Protocol;

namespace NetKafka;

/// <summary>
/// Something that Kafka or the way to it refused. The message says what happened, where, which setting bears on it and what
/// to do next; the properties say the same to code.
/// </summary>
public class KafkaException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="inner">What caused it, if anything did.</param>
    public KafkaException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Kafka's error, or <see cref="ErrorCode.None"/> where no broker named one.</summary>
    public ErrorCode Code { get; init; }

    /// <summary>Whether the same call may succeed later without anything being changed.</summary>
    public bool IsRetriable { get; init; }

    /// <summary>Whether the producer, consumer or admin that threw is over: dispose it and create another.</summary>
    public bool IsFatal { get; init; }

    /// <summary>The broker it happened at, as "host:port (node 1)"; null where none was reached.</summary>
    public string? Broker { get; init; }

    /// <summary>The partition it happened to, if it concerns one.</summary>
    public TopicPartition? Partition { get; init; }

    /// <summary>How often it was tried; 0 where nothing was sent.</summary>
    public int Attempts { get; init; }
}
