using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.Assignors.AssignorGroups;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>Partitions go to members in the racks of their replicas (KIP-881), as far as the balance allows.</summary>
public sealed class RackAssignorTests
{
    static MemberSubscription In(string? rack, string id, params TopicPartition[] owned) => Member(id, ["payments"], owned) with { Rack = rack };

    [Theory]
    [InlineData("range")]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    public void Partitions_go_to_the_racks_of_their_replicas(string name)
    {
        var assignment = Named(name).Assign(Racked(("payments", ["r2", "r2", "r1", "r1"])), [In("r1", "a"), In("r2", "b")]);

        Assert.Equal([P(2), P(3)], assignment.PartitionsOf("a"));
        Assert.Equal([P(0), P(1)], assignment.PartitionsOf("b"));
    }

    [Theory]
    [InlineData("range")]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    public void Balance_comes_before_racks(string name)
    {
        var assignment = Named(name).Assign(Racked(("payments", ["r2", "r2", "r2", "r1"])), [In("r1", "a"), In("r2", "b")]);

        Assert.Equal(2, assignment.PartitionsOf("a").Count);
        Assert.Contains(P(3), assignment.PartitionsOf("a"));
        Assert.Equal(2, assignment.PartitionsOf("b").Count);
    }

    [Theory]
    [InlineData("range")]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    public void Racks_count_for_nothing_where_every_partition_is_in_all_of_them(string name)
    {
        var racked = Named(name).Assign(Racked(("payments", ["r1,r2", "r1,r2", "r1,r2"])), [In("r1", "a"), In("r3", "b")]);
        var plain = Named(name).Assign(Topics(("payments", 3)), [In(null, "a"), In(null, "b")]);

        Assert.Equal(plain.PartitionsOf("a"), racked.PartitionsOf("a"));
        Assert.Equal(plain.PartitionsOf("b"), racked.PartitionsOf("b"));
    }

    [Fact]
    public void Topics_that_are_shared_alike_stay_so()
    {
        MemberSubscription[] members = [Member("a", ["orders", "payments"]) with { Rack = "r1" }, Member("b", ["orders", "payments"]) with { Rack = "r2" }];
        var assignment = new RangeAssignor().Assign(Racked(("orders", ["r2", "r1"]), ("payments", ["r1,r2", "r1"])), members);

        Assert.Equal(["orders-1", "payments-1"], assignment.PartitionsOf("a").Select(p => p.ToString()));
        Assert.Equal(["orders-0", "payments-0"], assignment.PartitionsOf("b").Select(p => p.ToString()));
    }

    [Fact]
    public void Owners_exchange_partitions_that_are_in_each_others_racks()
    {
        var assignment = new StickyAssignor().Assign(
            Racked(("payments", ["r1", "r2", "r1", "r2"])), [In("r1", "a", P(0), P(1)), In("r2", "b", P(2), P(3))]);

        Assert.Equal([P(0), P(2)], assignment.PartitionsOf("a"));
        Assert.Equal([P(1), P(3)], assignment.PartitionsOf("b"));
    }

    [Fact]
    public void Owner_in_another_rack_keeps_what_nobody_in_the_right_one_can_take()
    {
        var assignment = new StickyAssignor().Assign(
            Racked(("payments", ["r3", "r3", "r1", "r2"])), [In("r1", "a", P(1), P(2)), In("r2", "b", P(0), P(3))]);

        Assert.Equal([P(1), P(2)], assignment.PartitionsOf("a"));
        Assert.Equal([P(0), P(3)], assignment.PartitionsOf("b"));
    }

    [Theory]
    [InlineData("r1", "r2", false)]
    [InlineData("r1", "r1", true)]
    public void Leader_that_names_its_rack_notices_replicas_that_move_to_another(string before, string after, bool isTheSame)
    {
        Assert.Equal(isTheSame, View(after).CallsForTheSameAs(View(before)));
        Assert.True(View(after, withRacks: false).CallsForTheSameAs(View(before)));
    }

    [Fact]
    public void Broker_that_is_away_at_present_has_not_moved()
    {
        Assert.True(View(null).CallsForTheSameAs(View("r1")));
        Assert.False(View("r1").CallsForTheSameAs(View(null)));
    }

    [Theory]
    [InlineData("r1", 0)]
    [InlineData("r2", 1)]
    public void Group_is_shared_anew_once_its_leader_sees_replicas_in_other_racks(string rack, int joins)
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.Cluster.Show(ViewOf("r1"));
        var joined = ConsumerHarness.Joined(1, "a", "a");
        joined.Members = [new() { MemberId = "a", Metadata = GroupMessages.Subscription(["payments"], [], -1, new RangeAssignor()) }];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        it.Answer(it.Take(ApiKey.SyncGroup), ConsumerHarness.Share(0));
        it.GiveCommitted(0);

        it.Cluster.Show(ViewOf(rack));
        it.Turn();

        Assert.Equal(joins, it.Count(ApiKey.JoinGroup));
    }

    static GroupTopics View(string? rack, bool withRacks = true) => GroupTopics.From(ViewOf(rack), ["payments", "gone"], withRacks);

    /// <summary>One partition with a replica on broker 1, which is away if it is in no rack, and one on broker 2 in r0.</summary>
    static ClusterView ViewOf(string? rack)
    {
        var brokers = new SortedDictionary<int, BrokerView> { [2] = new(2, "two", 9092, "r0") };
        if (rack is not null)
            brokers[1] = new(1, "one", 9092, rack);
        var topic = new TopicView("payments", Guid.Empty, false, [new PartitionView(0, 2, 1, [1, 2], [2], ErrorCode.None)], ErrorCode.None);
        return new ClusterView(1, "c", 2, brokers, new Dictionary<string, TopicView> { ["payments"] = topic });
    }
}
