using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>
/// The assignor "uniform": members get as many partitions as others, as far as their subscriptions allow, and keep what the last target
/// gave them as far as that allows.
/// </summary>
sealed class UniformAssignor : IServerAssignor
{
    public string Name => "uniform";

    public SortedDictionary<string, SortedSet<TopicIdPartition>> Assign(IReadOnlyList<Subscriber> members)
    {
        var ordered = members.ToList();
        ordered.Sort(Subscriber.Compare);
        var shares = ordered.ConvertAll(member => new Share(member));
        var free = new SortedSet<TopicIdPartition>(ordered
            .SelectMany(member => member.Topics)
            .SelectMany(topic => topic.Partitions.Select(partition => new TopicIdPartition(topic.Id, partition.Index))));
        foreach (var share in shares)
        {
            foreach (var partition in share.Member.Target)
            {
                if (share.Wants(partition) && free.Remove(partition))
                    share.Partitions.Add(partition);
            }
        }

        foreach (var partition in free)
            shares.Where(share => share.Wants(partition)).MinBy(share => share.Partitions.Count)!.Partitions.Add(partition);
        while (TryLevel(shares))
        {
        }

        var target = new SortedDictionary<string, SortedSet<TopicIdPartition>>(StringComparer.Ordinal);
        foreach (var share in shares)
            target.Add(share.Member.MemberId, share.Partitions);
        return target;
    }

    /// <summary>
    /// Gives one partition of a member to another that has at least two fewer. Each time the sum of the squares of what members have
    /// falls, so there is an end to it.
    /// </summary>
    static bool TryLevel(List<Share> shares)
    {
        foreach (var richest in shares.OrderByDescending(share => share.Partitions.Count))
        {
            foreach (var poorest in shares.OrderBy(share => share.Partitions.Count))
            {
                if (richest.Partitions.Count - poorest.Partitions.Count < 2)
                    break;
                if (richest.LastFor(poorest) is not { } partition)
                    continue;
                richest.Partitions.Remove(partition);
                poorest.Partitions.Add(partition);
                return true;
            }
        }

        return false;
    }

    sealed class Share(Subscriber member)
    {
        readonly SortedSet<Guid> topics = [.. member.Topics.Select(topic => topic.Id)];

        internal Subscriber Member { get; } = member;

        internal SortedSet<TopicIdPartition> Partitions { get; } = [];

        internal bool Wants(TopicIdPartition partition) => topics.Contains(partition.TopicId);

        /// <summary>The last partition that another member would take.</summary>
        internal TopicIdPartition? LastFor(Share other)
        {
            foreach (var partition in Partitions.Reverse())
            {
                if (other.Wants(partition))
                    return partition;
            }

            return null;
        }
    }
}
