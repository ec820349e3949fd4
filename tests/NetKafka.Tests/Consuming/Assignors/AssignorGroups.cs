using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>Kafka's own assignors, and small groups for them.</summary>
static class AssignorGroups
{
    public static readonly string[] Names = ["range", "roundrobin", "sticky", "cooperative-sticky"];

    public static IEnumerable<PartitionAssignor> All => Names.Select(Named);

    public static PartitionAssignor Named(string name) => name switch
    {
        "range" => new RangeAssignor(),
        "roundrobin" => new RoundRobinAssignor(),
        "sticky" => new StickyAssignor(),
        _ => new CooperativeStickyAssignor(),
    };

    public static GroupTopics Topics(params (string Topic, int Partitions)[] topics)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (topic, partitions) in topics)
            counts[topic] = partitions;
        return new GroupTopics(counts);
    }

    /// <summary>Topics whose partitions have replicas in the racks that are named, as "r1", "r1,r2" or "".</summary>
    public static GroupTopics Racked(params (string Topic, string[] Racks)[] topics)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var racks = new SortedDictionary<string, ReplicaRacks[]>(StringComparer.Ordinal);
        foreach (var (topic, partitions) in topics)
        {
            counts[topic] = partitions.Length;
            racks[topic] = [.. partitions.Select(rack => new ReplicaRacks(rack.Split(',', StringSplitOptions.RemoveEmptyEntries), true))];
        }
        return new GroupTopics(counts, racks);
    }

    public static MemberSubscription Member(string id, string[] topics, params TopicPartition[] owned) =>
        new(id, null, topics, owned, owned.Length > 0 ? 1 : -1);

    public static TopicPartition P(int partition) => new("payments", partition);
}
