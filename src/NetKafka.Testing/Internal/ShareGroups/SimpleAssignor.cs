using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ShareGroups;

/// <summary>
/// The assignor "simple": every partition goes to someone, every member gets something where it subscribes to anything, and partitions
/// are shared by as many members as it takes. Members keep what the last target gave them as far as that allows.
/// </summary>
static class SimpleAssignor
{
    internal const string Name = "simple";

    internal static SortedDictionary<string, SortedSet<TopicIdPartition>> Assign(IReadOnlyList<Sharer> members)
    {
        var target = new SortedDictionary<string, SortedSet<TopicIdPartition>>(StringComparer.Ordinal);
        foreach (var member in members)
            target.Add(member.MemberId, []);
        // Members that subscribe to the same share among themselves.
        var partitions = new SortedSet<TopicIdPartition>(members.SelectMany(static member => member.Partitions));
        if (partitions.Count == 0)
            return target;
        var most = (members.Count + partitions.Count - 1) / partitions.Count;
        var quotas = Quotas(members.Count, partitions.Count * most);
        var sharers = partitions.ToDictionary(static partition => partition, static _ => 0);
        for (var i = 0; i < members.Count; i++)
        {
            foreach (var partition in members[i].Target)
            {
                if (target[members[i].MemberId].Count < quotas[i] && members[i].Partitions.Contains(partition) && sharers[partition] < most)
                    Give(members[i], partition);
            }
        }

        foreach (var partition in partitions)
        {
            foreach (var member in Takers(partition).ToArray())
            {
                if (sharers[partition] == most)
                    break;
                Give(member, partition);
            }

            // Nobody who subscribes has room: one takes it all the same.
            if (sharers[partition] == 0)
                Give(members.Where(member => member.Partitions.Contains(partition)).MinBy(member => target[member.MemberId].Count)!, partition);
        }

        return target;

        void Give(Sharer member, TopicIdPartition partition)
        {
            target[member.MemberId].Add(partition);
            sharers[partition]++;
        }

        // Who has least for its quota first.
        IEnumerable<Sharer> Takers(TopicIdPartition partition) => members
            .Select((member, i) => (Member: member, Room: quotas[i] - target[member.MemberId].Count))
            .Where(row => row.Room > 0 && row.Member.Partitions.Contains(partition) && !target[row.Member.MemberId].Contains(partition))
            .OrderByDescending(static row => row.Room)
            .Select(static row => row.Member);
    }

    /// <summary>Shares of a whole that add up to it and differ by one at most.</summary>
    static int[] Quotas(int members, int whole)
    {
        var quotas = new int[members];
        for (var i = 0; i < members; i++)
            quotas[i] = (int)((((long)whole * (i + 1)) + members - 1) / members) - (int)((((long)whole * i) + members - 1) / members);
        return quotas;
    }
}
