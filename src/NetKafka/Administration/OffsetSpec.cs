namespace NetKafka.Administration;

/// <summary>Which offset of a partition is wanted.</summary>
public readonly record struct OffsetSpec
{
    OffsetSpec(long timestamp, short minVersion) => (Timestamp, MinVersion) = (timestamp, minVersion);

    /// <summary>The end: the offset of the next record; with read-committed isolation that of the first open transaction.</summary>
    public static OffsetSpec Latest { get; } = new(-1, 1);

    /// <summary>The first offset that there is.</summary>
    public static OffsetSpec Earliest { get; } = new(-2, 1);

    /// <summary>The record with the largest timestamp (KIP-734; Kafka 3.0 and later).</summary>
    public static OffsetSpec MaxTimestamp { get; } = new(-3, 7);

    /// <summary>The first offset on the broker's own disk (KIP-405; ListOffsets 8).</summary>
    public static OffsetSpec EarliestLocal { get; } = new(-4, 8);

    /// <summary>The last offset that is in tiered storage (KIP-1005; Kafka 3.9 and later).</summary>
    public static OffsetSpec LatestTiered { get; } = new(-5, 9);

    /// <summary>The first offset that is not in tiered storage yet (KIP-1023; Kafka 4.2 and later).</summary>
    public static OffsetSpec EarliestPendingUpload { get; } = new(-6, 11);

    /// <summary>What the wire says.</summary>
    internal long Timestamp { get; }

    /// <summary>The first version of ListOffsets that knows it.</summary>
    internal short MinVersion { get; }

    /// <summary>The first record whose timestamp is this or later.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The offset that is wanted.</returns>
    public static OffsetSpec ForTime(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds(), 1);
}
