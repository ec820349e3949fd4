using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>
/// The assignor "range": of each topic every member gets neighbouring partitions, and the first members one more where they do not
/// come out even. The same partitions of topics that are alike go to the same member.
/// </summary>
sealed class RangeAssignor : IServerAssignor
{
    public string Name => "range";

    public SortedDictionary<string, SortedSet<TopicIdPartition>> Assign(IReadOnlyList<Subscriber> members)
    {
        var target = new SortedDictionary<string, SortedSet<TopicIdPartition>>(StringComparer.Ordinal);
        foreach (var member in members)
            target.Add(member.MemberId, []);
        var ordered = members.ToList();
        ordered.Sort(Subscriber.Compare);
        foreach (var topic in ordered.SelectMany(member => member.Topics).Distinct().OrderBy(topic => topic.Name, StringComparer.Ordinal))
        {
            var sharers = ordered.Where(member => member.Topics.Contains(topic)).ToArray();
            var (each, more) = Math.DivRem(topic.Partitions.Count, sharers.Length);
            var next = 0;
            for (var i = 0; i < sharers.Length; i++)
            {
                for (var end = next + each + (i < more ? 1 : 0); next < end; next++)
                    target[sharers[i].MemberId].Add(new TopicIdPartition(topic.Id, next));
            }
        }

        return target;
    }
}
