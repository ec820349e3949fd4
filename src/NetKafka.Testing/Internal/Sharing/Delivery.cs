namespace NetKafka.Testing.Internal.Sharing;

/// <summary>How far the delivery of a record, or of a batch of records that share one fate, has come.</summary>
sealed class Delivery(RecordState state, int count, string memberId)
{
    internal const string Nobody = "";

    internal RecordState State { get; private set; } = state;

    /// <summary>How often it was given to a member.</summary>
    internal int Count { get; private set; } = count;

    /// <summary>Who has it; <see cref="Nobody"/> where it is not acquired.</summary>
    internal string MemberId { get; private set; } = memberId;

    /// <summary>When the lock of whoever has it ends.</summary>
    internal long LockedUntilMs { get; set; }

    /// <summary>Nothing more will be done with it.</summary>
    internal bool IsDone => State is RecordState.Acknowledged or RecordState.Archived;

    /// <summary>What an acknowledgement that is not complete yet makes of it; null for nothing.</summary>
    internal RecordState? Planned { get; set; }

    internal bool IsHeldBy(string memberId) => State == RecordState.Acquired && MemberId == memberId;

    internal bool IsOverdue(long nowMs) => State == RecordState.Acquired && LockedUntilMs <= nowMs;

    internal void Acquire(string memberId, long lockedUntilMs)
    {
        (State, MemberId, LockedUntilMs) = (RecordState.Acquired, memberId, lockedUntilMs);
        Count++;
    }

    internal void Become(RecordState state) => (State, MemberId, Planned) = (state, Nobody, null);

    /// <summary>It is given back, or up where it was delivered as often as it may be.</summary>
    internal void Release(int limit) => Become(Count >= limit ? RecordState.Archived : RecordState.Available);

    internal Delivery Copy() => new(State, Count, MemberId) { LockedUntilMs = LockedUntilMs, Planned = Planned };
}
