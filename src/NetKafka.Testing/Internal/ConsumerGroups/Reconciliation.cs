using NetKafka.Testing.Internal.Groups;
using Owned = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest.TopicPartitionsData;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>
/// Takes one member a step towards its target (KIP-848): first it gives up what it is not to have, which it acknowledges by naming what
/// it still has; then it comes to the epoch of the target, with what is free; what others still have comes once they have given it up.
/// </summary>
/// <param name="member">Who.</param>
/// <param name="targetEpoch">The epoch of the target.</param>
/// <param name="target">What it is to have in the end.</param>
/// <param name="subscribed">The topics that it subscribes to now; its target may be older.</param>
/// <param name="isTaken">Whether another member may have a partition.</param>
/// <param name="owned">What it says that it has; null where it says nothing.</param>
sealed class Reconciliation(
    ConsumerGroupMember member, int targetEpoch, IEnumerable<TopicIdPartition> target, IReadOnlySet<Guid> subscribed,
    Func<TopicIdPartition, bool> isTaken, Owned[]? owned)
{
    /// <param name="hasSubscriptionChanged">Whether what it no longer subscribes to is to be taken away at once, target or not.</param>
    /// <returns>Whether the member has changed.</returns>
    internal bool Advance(bool hasSubscriptionChanged)
    {
        var mayMove = member.State switch
        {
            MemberState.Stable => member.Epoch != targetEpoch,
            MemberState.UnrevokedPartitions => !MayOwn(member.Revoking),
            _ => true,
        };
        if (mayMove)
        {
            MoveToTarget();
            return true;
        }

        return hasSubscriptionChanged && DropUnsubscribed();
    }

    void MoveToTarget()
    {
        var wanted = new SortedSet<TopicIdPartition>(target.Where(partition => subscribed.Contains(partition.TopicId)));
        var kept = Where(member.Assigned, wanted.Contains);
        var revoked = Where(member.Assigned, partition => !wanted.Contains(partition));
        if (revoked.Count > 0 && MayOwn(revoked))
        {
            Become(MemberState.UnrevokedPartitions, member.Epoch, kept, revoked);
            return;
        }

        wanted.ExceptWith(kept.Keys);
        var hasUnreleased = wanted.RemoveWhere(partition => isTaken(partition)) > 0;
        foreach (var partition in wanted)
            kept.Add(partition, targetEpoch);
        Become(hasUnreleased ? MemberState.UnreleasedPartitions : MemberState.Stable, targetEpoch, kept, []);
    }

    /// <summary>A shorter way than to the target, which may not be there yet.</summary>
    bool DropUnsubscribed()
    {
        var kept = Where(member.Assigned, partition => subscribed.Contains(partition.TopicId));
        if (kept.Count == member.Assigned.Count)
            return false;
        var revoked = Where(member.Assigned, partition => !subscribed.Contains(partition.TopicId));
        foreach (var (partition, epoch) in member.Revoking)
            revoked[partition] = epoch;
        if (MayOwn(revoked))
            Become(MemberState.UnrevokedPartitions, member.Epoch, kept, revoked);
        else
            Become(member.State, member.Epoch, kept, member.Revoking);
        return true;
    }

    void Become(
        MemberState state, int epoch, SortedDictionary<TopicIdPartition, int> assigned, SortedDictionary<TopicIdPartition, int> revoking)
    {
        (member.State, member.PreviousEpoch, member.Epoch) = (state, member.Epoch, epoch);
        (member.Assigned, member.Revoking) = (assigned, revoking);
    }

    /// <summary>Whether it has any of these, as far as it has said.</summary>
    bool MayOwn(SortedDictionary<TopicIdPartition, int> partitions) =>
        owned is null || owned.Any(topic => topic.Partitions.Any(partition => partitions.ContainsKey(new TopicIdPartition(topic.TopicId, partition))));

    static SortedDictionary<TopicIdPartition, int> Where(SortedDictionary<TopicIdPartition, int> partitions, Func<TopicIdPartition, bool> passes)
    {
        var passed = new SortedDictionary<TopicIdPartition, int>();
        foreach (var (partition, epoch) in partitions)
        {
            if (passes(partition))
                passed.Add(partition, epoch);
        }

        return passed;
    }
}
