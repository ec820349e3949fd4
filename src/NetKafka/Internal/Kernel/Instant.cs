namespace NetKafka.Internal.Kernel;

/// <summary>
/// A moment on the client's monotonic clock, in ticks of 100 ns since the client began. It says nothing of the time of day.
/// </summary>
readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The first moment of a client.</summary>
    public static readonly Instant Start = new(0);

    /// <summary>Later than every moment: the deadline of what has none.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    public static Instant operator +(Instant moment, TimeSpan span)
    {
        var ticks = unchecked(moment.Ticks + span.Ticks);
        return span.Ticks >= 0 && ticks < moment.Ticks ? Never : new Instant(ticks);
    }

    public static TimeSpan operator -(Instant later, Instant earlier) => new(later.Ticks - earlier.Ticks);

    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    public static Instant Earlier(Instant left, Instant right) => left.Ticks <= right.Ticks ? left : right;

    public static Instant Later(Instant left, Instant right) => left.Ticks >= right.Ticks ? left : right;

    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    public override string ToString() => this == Never ? "never" : $"{TimeSpan.FromTicks(Ticks).TotalMilliseconds:0.###} ms";
}
