using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>Shares the partitions out among the members of a group (KIP-848). The same members get the same, and each partition goes to one.</summary>
interface IServerAssignor
{
    /// <summary>As members ask for it.</summary>
    string Name { get; }

    /// <summary>The new target by member id; every member is named in it.</summary>
    SortedDictionary<string, SortedSet<TopicIdPartition>> Assign(IReadOnlyList<Subscriber> members);
}
