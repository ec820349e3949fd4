using NetKafka.Administration;

namespace NetKafka.Consuming;

/// <summary>What the leader of a group knows when it shares out the partitions. It does not change.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Members">
/// The members: static ones first, by their lasting ids, then the others by their member ids, so that the order does not depend on who came
/// first.
/// </param>
/// <param name="Topics">
/// The topics that exist of those that any member names, in order of their names, as the cluster's metadata describes them.
/// </param>
/// <param name="Brokers">The brokers by node id, with their racks.</param>
public sealed record GroupSubscription(
    string GroupId, IReadOnlyList<MemberSubscription> Members, IReadOnlyList<TopicDescription> Topics, IReadOnlyList<BrokerNode> Brokers);
