namespace NetKafka.Administration;

/// <summary>Where a group is to go on reading.</summary>
public readonly record struct OffsetReset
{
    OffsetReset(Kind kind, long value = 0, DateTimeOffset time = default) => (Way, Value, Time) = (kind, value, time);

    internal enum Kind
    {
        Earliest,
        Latest,
        Time,
        Duration,
        Shift,
        Offset,
    }

    /// <summary>At the first record that there is.</summary>
    public static OffsetReset ToEarliest { get; } = new(Kind.Earliest);

    /// <summary>At the end.</summary>
    public static OffsetReset ToLatest { get; } = new(Kind.Latest);

    internal Kind Way { get; }

    /// <summary>How far, at which offset, or how many ms ago.</summary>
    internal long Value { get; }

    internal DateTimeOffset Time { get; }

    /// <summary>At the first record whose timestamp is this or later; at the end where there is none.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The place.</returns>
    public static OffsetReset ToTime(DateTimeOffset time) => new(Kind.Time, time: time);

    /// <summary>At the first record whose timestamp is at most so long ago; at the end where there is none.</summary>
    /// <param name="duration">How long ago, from zero on, by this machine's clock.</param>
    /// <returns>The place.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static OffsetReset ByDuration(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return new(Kind.Duration, (long)duration.TotalMilliseconds);
    }

    /// <summary>So many offsets before or behind what the group has committed, and no further than the log goes.</summary>
    /// <param name="offsets">How many; below zero backwards.</param>
    /// <returns>The place.</returns>
    public static OffsetReset ShiftBy(long offsets) => new(Kind.Shift, offsets);

    /// <summary>At an offset, and no further than the log goes.</summary>
    /// <param name="offset">The offset, from 0 on.</param>
    /// <returns>The place.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static OffsetReset ToOffset(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new(Kind.Offset, offset);
    }
}
