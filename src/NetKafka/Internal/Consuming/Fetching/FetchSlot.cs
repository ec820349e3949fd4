namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// The place of a partition in one broker's <see cref="FetchSession"/>. Whoever asks for the partition keeps it, so that a fetch
/// of a thousand of them looks none up.
/// </summary>
sealed class FetchSlot(TopicPartition partition)
{
    FetchTarget _held;

    public TopicPartition Partition { get; } = partition;

    /// <summary>What the broker was told of last.</summary>
    public ref FetchTarget Held => ref _held;

    /// <summary>Whether the session holds the partition.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The last plan that named it.</summary>
    public long Plan { get; set; }
}
