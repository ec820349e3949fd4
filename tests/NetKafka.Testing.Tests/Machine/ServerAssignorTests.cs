using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>How the server-side assignors share partitions out.</summary>
public sealed class ServerAssignorTests
{
    readonly MachineDriver driver = new();
    readonly UniformAssignor uniform = new();
    readonly RangeAssignor range = new();

    [Fact]
    public void Range_gives_neighbours_and_the_same_partitions_of_topics_that_are_alike()
    {
        var (one, two) = (driver.CreateTopic("one", 5), driver.CreateTopic("two", 5));

        var target = range.Assign([Member("b", one, two), Member("a", one, two)]);

        Assert.Equal(["one-0", "one-1", "one-2", "two-0", "two-1", "two-2"], Names(target["a"]));
        Assert.Equal(["one-3", "one-4", "two-3", "two-4"], Names(target["b"]));
    }

    [Fact]
    public void Range_leaves_members_without_where_there_are_too_few()
    {
        var topic = driver.CreateTopic("one", 1);

        var target = range.Assign([Member("a", topic), Member("b", topic)]);

        Assert.Equal((1, 0), (target["a"].Count, target["b"].Count));
    }

    [Fact]
    public void Static_members_come_first_whatever_their_ids_are()
    {
        var topic = driver.CreateTopic("one", 3);

        var target = range.Assign([Member("a", topic), new Subscriber("z", "i", [topic], [])]);

        Assert.Equal(["one-0", "one-1"], Names(target["z"]));
    }

    [Fact]
    public void Uniform_moves_no_more_than_a_new_member_needs()
    {
        var topic = driver.CreateTopic("one", 6);
        var before = uniform.Assign([Member("a", topic), Member("b", topic)]);

        var after = uniform.Assign([With("a", before, topic), With("b", before, topic), Member("c", topic)]);

        Assert.Equal([2, 2, 2], after.Values.Select(share => share.Count));
        Assert.Subset(before["a"], after["a"]);
        Assert.Subset(before["b"], after["b"]);
    }

    [Fact]
    public void Uniform_is_as_even_as_subscriptions_allow()
    {
        var (one, two) = (driver.CreateTopic("one", 2), driver.CreateTopic("two", 4));

        var target = uniform.Assign([Member("a", one), Member("b", one, two), Member("c", two)]);

        Assert.Equal(["one-0", "one-1"], Names(target["a"]));
        Assert.Equal((2, 2), (target["b"].Count, target["c"].Count));
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("range")]
    public void Every_partition_goes_to_one_member_that_subscribes_to_it(string name)
    {
        var assignor = ServerAssignors.Find(name)!;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var world = new MachineDriver(seed: seed + 1);
            var topics = Enumerable.Range(0, random.Next(1, 5)).Select(i => world.CreateTopic($"t{i}", random.Next(1, 8))).ToArray();
            var members = Enumerable.Range(0, random.Next(1, 6))
                .Select(i => Member($"m{i}", [.. topics.Where(_ => random.Next(3) > 0)])).ToArray();
            var first = assignor.Assign(members);
            Check(first, members);
            // Again with what was given, and with one member gone.
            var fewer = members.Skip(1).Select(member => member with { Target = first[member.MemberId] }).ToArray();
            if (fewer.Length > 0)
                Check(assignor.Assign(fewer), fewer);
        }
    }

    static void Check(SortedDictionary<string, SortedSet<TopicIdPartition>> target, Subscriber[] members)
    {
        Assert.Equal(members.Select(member => member.MemberId), target.Keys);
        var wanted = members.SelectMany(member => member.Topics).Distinct().SelectMany(topic => topic.Partitions.Select(partition => new TopicIdPartition(topic.Id, partition.Index)));
        Assert.Equal(wanted.Order(), target.Values.SelectMany(share => share).Order());
        foreach (var member in members)
            Assert.All(target[member.MemberId], partition => Assert.Contains(member.Topics, topic => topic.Id == partition.TopicId));
    }

    static Subscriber Member(string id, params Topic[] topics) => new(id, null, topics, []);

    static Subscriber With(string id, SortedDictionary<string, SortedSet<TopicIdPartition>> target, params Topic[] topics) => new(id, null, topics, target[id]);

    IEnumerable<string> Names(IEnumerable<TopicIdPartition> partitions) =>
        partitions.Select(partition => $"{driver.Cluster.FindTopic(partition.TopicId)!.Name}-{partition.Partition}").Order(StringComparer.Ordinal);
}
