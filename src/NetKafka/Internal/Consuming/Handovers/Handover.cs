using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Handovers;

/// <summary>Partitions on their way to this consumer or from it.</summary>
sealed class Handover(HandoverKind kind, List<TopicPartition> partitions, TimeSpan patience, bool callsHandlers, Action<Effects> onDone)
{
    public HandoverKind Kind { get; } = kind;

    public List<TopicPartition> Partitions { get; } = partitions;

    /// <summary>Where reading begins, for partitions assigned by hand.</summary>
    public List<PartitionStart> Starts { get; init; } = [];

    /// <summary>How long it may take from its beginning on.</summary>
    public TimeSpan Patience { get; } = patience;

    public bool CallsHandlers { get; } = callsHandlers;

    /// <summary>Told once, when it is over.</summary>
    public Action<Effects> OnDone { get; } = onDone;

    public HandoverStep Step { get; set; }

    public Instant Deadline { get; set; } = Instant.Never;

    /// <summary>When it ends at the latest, whenever it begins.</summary>
    public Instant Latest { get; set; } = Instant.Never;
}
