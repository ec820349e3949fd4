using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>What an assignment promises, told from the group alone. Each method throws with what is broken.</summary>
sealed class GroupCheck(GroupTopics topics, MemberSubscription[] members)
{
    /// <summary>Every partition that somebody reads has one owner, who reads its topic, and every member has an entry.</summary>
    public void EveryPartitionHasOneReader(GroupAssignment assignment)
    {
        Demand(assignment.MemberIds.Count == members.Length, "not every member has an entry");
        var owned = new HashSet<TopicPartition>();
        foreach (var member in members)
        {
            foreach (var partition in assignment.PartitionsOf(member.MemberId))
            {
                Demand(topics.Has(partition), "a partition that does not exist is given");
                Demand(member.Topics.Contains(partition.Topic), "a partition is given to somebody who does not read it");
                Demand(owned.Add(partition), "a partition has two owners");
            }
        }
        Demand(owned.Count == PartitionsToRead, "a partition has no owner");
    }

    /// <summary>The readers of a topic get as many of its partitions each, or one more.</summary>
    public void EachTopicIsShared(GroupAssignment assignment)
    {
        foreach (var topic in topics.Counts.Keys)
        {
            var (least, most) = (int.MaxValue, 0);
            foreach (var member in members)
            {
                if (!member.Topics.Contains(topic))
                    continue;
                var load = 0;
                foreach (var partition in assignment.PartitionsOf(member.MemberId))
                    load += partition.Topic == topic ? 1 : 0;
                (least, most) = (Math.Min(least, load), Math.Max(most, load));
            }
            Demand(most <= least + 1 || least == int.MaxValue, $"{topic} is not shared evenly");
        }
    }

    /// <summary>All members get as many partitions each, or one more.</summary>
    public void LoadsAreEven(GroupAssignment assignment)
    {
        var (least, most) = (int.MaxValue, 0);
        foreach (var member in members)
        {
            var load = assignment.PartitionsOf(member.MemberId).Count;
            (least, most) = (Math.Min(least, load), Math.Max(most, load));
        }
        Demand(most <= least + 1, "the loads differ by more than one");
    }

    /// <summary>No partition could move to another of its readers and make the loads more even.</summary>
    public void NoMoveBalancesBetter(GroupAssignment assignment)
    {
        foreach (var from in members)
        {
            var given = assignment.PartitionsOf(from.MemberId);
            foreach (var to in members)
            {
                if (assignment.PartitionsOf(to.MemberId).Count + 1 >= given.Count)
                    continue;
                foreach (var partition in given)
                    Demand(!to.Topics.Contains(partition.Topic), $"{from.MemberId} could give {partition} to {to.MemberId}");
            }
        }
    }

    /// <summary>
    /// A member keeps what it owns by the newest claim, up to the least that anybody gets. Where all read the same and racks make no
    /// difference.
    /// </summary>
    public void OwnersKeepWhatIsTheirs(GroupAssignment assignment)
    {
        var least = PartitionsToRead / members.Length;
        foreach (var member in members)
        {
            var (owned, kept) = (0, 0);
            foreach (var partition in new HashSet<TopicPartition>(member.OwnedPartitions))
            {
                if (!topics.Has(partition) || !member.Topics.Contains(partition.Topic) || !IsNewestClaim(member, partition))
                    continue;
                owned++;
                kept += assignment.PartitionsOf(member.MemberId).Contains(partition) ? 1 : 0;
            }
            Demand(kept >= Math.Min(owned, least), $"{member.MemberId} keeps {kept} of {owned}");
        }
    }

    /// <summary>Nobody is given what another member says it reads, unless he says so himself.</summary>
    public void NobodyIsGivenWhatAnotherReads(GroupAssignment assignment)
    {
        foreach (var member in members)
        {
            foreach (var partition in assignment.PartitionsOf(member.MemberId))
            {
                Demand(
                    member.OwnedPartitions.Contains(partition) || !Array.Exists(members, other => other.OwnedPartitions.Contains(partition)),
                    $"{member.MemberId} is given {partition}, which another still reads");
            }
        }
    }

    /// <summary>Everybody has the same as before.</summary>
    public void NothingMoved(GroupAssignment before, GroupAssignment after)
    {
        foreach (var member in members)
        {
            Demand(
                before.PartitionsOf(member.MemberId).SequenceEqual(after.PartitionsOf(member.MemberId)),
                $"{member.MemberId} had {string.Join(' ', before.PartitionsOf(member.MemberId))} and has {string.Join(' ', after.PartitionsOf(member.MemberId))}");
        }
    }

    /// <summary>Everybody has at least what he had before.</summary>
    public void NobodyLostAnything(GroupAssignment before, GroupAssignment after)
    {
        foreach (var member in members)
        {
            foreach (var partition in before.PartitionsOf(member.MemberId))
                Demand(after.PartitionsOf(member.MemberId).Contains(partition), $"{member.MemberId} lost {partition}");
        }
    }

    int PartitionsToRead => topics.Counts.Sum(topic => Array.Exists(members, member => member.Topics.Contains(topic.Key)) ? topic.Value : 0);

    bool IsNewestClaim(MemberSubscription owner, TopicPartition partition) => Array.TrueForAll(members, other =>
        other == owner || other.Generation < owner.Generation || !other.Topics.Contains(partition.Topic) || !other.OwnedPartitions.Contains(partition));

    static void Demand(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new InvalidOperationException(otherwise);
    }
}
