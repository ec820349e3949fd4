using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Sharing;

/// <content>Locks that end, and members that go.</content>
sealed partial class SharePartition
{
    /// <summary>A member's session is over: what it has is free again, or given up where it was delivered too often.</summary>
    internal void ReleaseAll(string memberId, long nowMs)
    {
        var hasReleased = false;
        foreach (var batch in batches.All)
        {
            if (batch.Whole is { } whole && whole.IsHeldBy(memberId) && IsStartInside(batch))
                batch.Split();
            foreach (var (first, last, delivery) in batch.Parts())
            {
                if (!delivery.IsHeldBy(memberId))
                    continue;
                LetGo(first, last, delivery);
                hasReleased = true;
            }
        }

        if (!hasReleased)
            return;
        Advance();
        ClusterState.NotifyWaiters(Partition, nowMs);
    }

    void Lock(Delivery delivery, string memberId, long nowMs)
    {
        delivery.Acquire(memberId, nowMs + LockDurationMs);
        AwaitLock(delivery.LockedUntilMs);
    }

    /// <summary>One timer for all locks: that of the first to end.</summary>
    void AwaitLock(long atMs)
    {
        if (lockTimer is { Due: not null } && lockTimerAtMs <= atMs)
            return;
        lockTimer?.Cancel();
        lockTimerAtMs = atMs;
        lockTimer = cluster.Timers.Schedule(atMs, OnLocksEnd);
    }

    void OnLocksEnd(long nowMs)
    {
        if (!IsLed)
            return;
        var hasReleased = false;
        var next = long.MaxValue;
        foreach (var batch in batches.All)
        {
            if (batch.Whole is { } whole && whole.IsOverdue(nowMs) && IsStartInside(batch))
                batch.Split();
            foreach (var (first, last, delivery) in batch.Parts())
            {
                if (delivery.IsOverdue(nowMs))
                {
                    LetGo(first, last, delivery);
                    hasReleased = true;
                }
                else if (delivery.State == RecordState.Acquired)
                {
                    next = Math.Min(next, delivery.LockedUntilMs);
                }
            }
        }

        if (next != long.MaxValue)
            AwaitLock(next);
        if (!hasReleased)
            return;
        Advance();
        ClusterState.NotifyWaiters(Partition, nowMs);
    }

    /// <summary>What the log no longer has is given up.</summary>
    void LetGo(long first, long last, Delivery delivery)
    {
        if (last < StartOffset)
            delivery.Become(RecordState.Archived);
        else
            delivery.Release(DeliveryLimit);
        SaveStart();
        Save(first, last, delivery);
    }

    bool IsStartInside(ShareBatch batch) => batch.First < StartOffset && batch.Last >= StartOffset;
}
