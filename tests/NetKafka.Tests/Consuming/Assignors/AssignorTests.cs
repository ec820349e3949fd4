using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using static NetKafka.Tests.Consuming.Assignors.AssignorGroups;

namespace NetKafka.Tests.Consuming.Assignors;

public sealed class AssignorTests
{
    [Fact]
    public void Range_gives_neighbouring_partitions_and_the_rest_to_the_first_members()
    {
        var assignment = new RangeAssignor().Assign(
            Topics(("orders", 3), ("payments", 5)), [Member("b", ["payments", "orders"]), Member("a", ["payments", "orders"])]);

        Assert.Equal(["orders-0", "orders-1", "payments-0", "payments-1", "payments-2"], assignment.PartitionsOf("a").Select(p => p.ToString()));
        Assert.Equal(["orders-2", "payments-3", "payments-4"], assignment.PartitionsOf("b").Select(p => p.ToString()));
    }

    [Fact]
    public void Range_orders_static_members_by_their_lasting_ids()
    {
        var assignment = new RangeAssignor().Assign(
            Topics(("payments", 2)),
            [new MemberSubscription("m1", "z", ["payments"], [], -1), new MemberSubscription("m2", "y", ["payments"], [], -1)]);

        Assert.Equal([P(0)], assignment.PartitionsOf("m2"));
        Assert.Equal([P(1)], assignment.PartitionsOf("m1"));
    }

    [Fact]
    public void Round_robin_goes_on_from_one_topic_to_the_next()
    {
        var assignment = new RoundRobinAssignor().Assign(
            Topics(("orders", 3), ("payments", 3)), [Member("b", ["payments", "orders"]), Member("a", ["payments", "orders"])]);

        Assert.Equal(["orders-0", "orders-2", "payments-1"], assignment.PartitionsOf("a").Select(p => p.ToString()));
        Assert.Equal(["orders-1", "payments-0", "payments-2"], assignment.PartitionsOf("b").Select(p => p.ToString()));
    }

    [Fact]
    public void Round_robin_passes_over_who_does_not_read_the_topic()
    {
        var assignment = new RoundRobinAssignor().Assign(
            Topics(("orders", 2), ("payments", 3)), [Member("a", ["orders"]), Member("b", ["payments"]), Member("c", ["payments"])]);

        Assert.Equal(["orders-0", "orders-1"], assignment.PartitionsOf("a").Select(p => p.ToString()));
        Assert.Equal([P(0), P(2)], assignment.PartitionsOf("b"));
        Assert.Equal([P(1)], assignment.PartitionsOf("c"));
    }

    [Fact]
    public void Partition_that_moves_is_taken_first_and_given_in_the_next_rebalance()
    {
        var sticky = new CooperativeStickyAssignor();
        var first = sticky.Assign(Topics(("payments", 4)), [Member("a", ["payments"], P(0), P(1), P(2), P(3)), Member("b", ["payments"])]);
        Assert.Equal([P(0), P(1)], first.PartitionsOf("a"));
        Assert.Empty(first.PartitionsOf("b"));

        var second = sticky.Assign(Topics(("payments", 4)), [Member("a", ["payments"], P(0), P(1)), Member("b", ["payments"])]);
        Assert.Equal([P(0), P(1)], second.PartitionsOf("a"));
        Assert.Equal([P(2), P(3)], second.PartitionsOf("b"));
    }

    [Fact]
    public void Partition_that_moves_is_given_at_once_where_all_have_given_up_everything()
    {
        var assignment = new StickyAssignor().Assign(
            Topics(("payments", 4)), [Member("a", ["payments"], P(0), P(1), P(2), P(3)), Member("b", ["payments"])]);

        Assert.Equal([P(0), P(1)], assignment.PartitionsOf("a"));
        Assert.Equal([P(2), P(3)], assignment.PartitionsOf("b"));
    }

    [Theory]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    public void Newest_generation_owns_a_partition(string name)
    {
        var old = new MemberSubscription("a", null, ["payments"], [P(0), P(1)], 3);
        var current = new MemberSubscription("b", null, ["payments"], [P(0)], 4);

        var assignment = Named(name).Assign(Topics(("payments", 2)), [old, current]);

        Assert.Equal([P(1)], assignment.PartitionsOf("a"));
        Assert.Equal([P(0)], assignment.PartitionsOf("b"));
    }

    /// <summary>Neither keeps it, so it goes to the one that has less.</summary>
    [Fact]
    public void Two_owners_of_one_generation_cancel_out()
    {
        var assignment = new StickyAssignor().Assign(
            Topics(("payments", 3)),
            [
                new MemberSubscription("b", null, ["payments"], [P(0), P(1)], 2), new MemberSubscription("a", null, ["payments"], [P(0)], 2),
                new MemberSubscription("c", null, ["payments"], [P(0), P(2)], 1),
            ]);

        Assert.Equal([P(0)], assignment.PartitionsOf("a"));
        Assert.Equal([P(1)], assignment.PartitionsOf("b"));
        Assert.Equal([P(2)], assignment.PartitionsOf("c"));
    }

    [Fact]
    public void Topic_that_does_not_exist_gives_nothing()
    {
        foreach (var assignor in All)
            Assert.Empty(assignor.Assign(Topics(), [Member("a", ["gone"], P(0))]).PartitionsOf("a"));
    }

    [Fact]
    public void Group_without_members_is_given_nothing()
    {
        foreach (var assignor in All)
            Assert.Empty(assignor.Assign(Topics(("payments", 2)), []).MemberIds);
    }
}
