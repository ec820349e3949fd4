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

    /// <summary>
    /// The high watermark and the last stable offset that the broker told of last: a session leaves a partition out of its answers for as
    /// long as nothing of it is new. −1 before.
    /// </summary>
    public (long HighWatermark, long LastStableOffset) Told { get; set; } = (-1, -1);

    /// <summary>The last answer that named it.</summary>
    public long Answer { get; set; }

    /// <summary>The last plan that named it.</summary>
    public long Plan { get; set; }
}
