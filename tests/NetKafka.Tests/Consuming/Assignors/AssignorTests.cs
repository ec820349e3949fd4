using CsCheck;
using NetKafka.Internal.Consuming.Assignors;

namespace NetKafka.Tests.Consuming.Assignors;

public sealed class AssignorTests
{
    static readonly PartitionAssignor[] All = [new RangeAssignor(), new CooperativeStickyAssignor()];

    static SortedDictionary<string, int> Topics(params (string Topic, int Partitions)[] topics)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (topic, partitions) in topics)
            counts[topic] = partitions;
        return counts;
    }

    static MemberSubscription Member(string id, string[] topics, params TopicPartition[] owned) =>
        new(id, null, topics, owned, owned.Length > 0 ? 1 : -1);

    static TopicPartition P(int partition) => new("payments", partition);

    [Fact]
    public void Range_gives_neighbouring_partitions_and_the_rest_to_the_first_members()
    {
        var assignment = new RangeAssignor().Assign(
            Topics(("orders", 3), ("payments", 5)), [Member("b", ["payments", "orders"]), Member("a", ["payments", "orders"])]);

        Assert.Equal(["orders-0", "orders-1", "payments-0", "payments-1", "payments-2"], assignment["a"].Select(p => p.ToString()));
        Assert.Equal(["orders-2", "payments-3", "payments-4"], assignment["b"].Select(p => p.ToString()));
    }

    [Fact]
    public void Range_orders_static_members_by_their_lasting_ids()
    {
        var assignment = new RangeAssignor().Assign(
            Topics(("payments", 2)),
            [new MemberSubscription("m1", "z", ["payments"], [], -1), new MemberSubscription("m2", "y", ["payments"], [], -1)]);

        Assert.Equal([P(0)], assignment["m2"]);
        Assert.Equal([P(1)], assignment["m1"]);
    }

    [Fact]
    public void Partition_that_moves_is_taken_first_and_given_in_the_next_rebalance()
    {
        var sticky = new CooperativeStickyAssignor();
        var first = sticky.Assign(Topics(("payments", 4)), [Member("a", ["payments"], P(0), P(1), P(2), P(3)), Member("b", ["payments"])]);
        Assert.Equal([P(0), P(1)], first["a"]);
        Assert.Empty(first["b"]);

        var second = sticky.Assign(Topics(("payments", 4)), [Member("a", ["payments"], P(0), P(1)), Member("b", ["payments"])]);
        Assert.Equal([P(0), P(1)], second["a"]);
        Assert.Equal([P(2), P(3)], second["b"]);
    }

    [Fact]
    public void Newest_generation_owns_a_partition()
    {
        var old = new MemberSubscription("a", null, ["payments"], [P(0), P(1)], 3);
        var current = new MemberSubscription("b", null, ["payments"], [P(0)], 4);

        var assignment = new CooperativeStickyAssignor().Assign(Topics(("payments", 2)), [old, current]);

        Assert.Equal([P(1)], assignment["a"]);
        Assert.Equal([P(0)], assignment["b"]);
    }

    [Fact]
    public void Two_owners_of_one_generation_cancel_out()
    {
        var plan = new StickyPlan(Topics(("payments", 1)),
            [new MemberSubscription("b", null, ["payments"], [P(0)], 2), new MemberSubscription("a", null, ["payments"], [P(0)], 2)]);

        Assert.Equal([("a", 1), ("b", 0)], plan.Result.Select(share => (share.MemberId, share.Partitions.Count)));
    }

    [Fact]
    public void Topic_that_does_not_exist_gives_nothing()
    {
        foreach (var assignor in All)
            Assert.Empty(assignor.Assign(Topics(), [Member("a", ["gone"], P(0))])["a"]);
    }

    [Fact]
    public void Every_partition_has_exactly_one_subscribed_reader_once_the_group_has_settled() =>
        Group.Sample(group =>
        {
            foreach (var assignor in All)
            {
                var assignment = Settled(assignor, group);
                var given = assignment.SelectMany(entry => entry.Value.Select(partition => (entry.Key, partition))).ToList();
                var wanted = group.Counts.Where(topic => group.Members.Any(member => member.Topics.Contains(topic.Key)))
                    .SelectMany(topic => Enumerable.Range(0, topic.Value).Select(i => new TopicPartition(topic.Key, i))).ToList();
                Assert.Equal(wanted.Order(), given.Select(entry => entry.partition).Order());
                Assert.All(given, entry => Assert.Contains(entry.partition.Topic, group.Members.Single(m => m.MemberId == entry.Key).Topics));
                Assert.Equal(group.Members.Count, assignment.Count);
            }
        }, iter: 20_000);

    [Fact]
    public void No_move_of_one_partition_balances_a_sticky_assignment_better() =>
        Group.Sample(group =>
        {
            var assignment = Settled(new CooperativeStickyAssignor(), group);
            foreach (var (from, partitions) in assignment)
            {
                foreach (var to in group.Members)
                {
                    Assert.False(partitions.Any(partition => to.Topics.Contains(partition.Topic))
                        && assignment[to.MemberId].Count + 1 < partitions.Count, $"{from} could give to {to.MemberId}");
                }
            }
        }, iter: 20_000);

    [Fact]
    public void Settled_group_stays_as_it_is() =>
        Group.Sample(group =>
        {
            var assignor = new CooperativeStickyAssignor();
            var settled = Settled(assignor, group);
            Assert.Equal(settled, assignor.Assign(group.Counts, Owning(group.Members, settled, 9)));
        }, iter: 5_000);

    [Fact]
    public void Order_of_the_members_changes_nothing() =>
        Group.Sample(group =>
        {
            foreach (var assignor in All)
            {
                Assert.Equal(
                    assignor.Assign(group.Counts, group.Members),
                    assignor.Assign(group.Counts, [.. group.Members.Reverse()]));
            }
        }, iter: 5_000);

    [Fact]
    public void Member_that_leaves_moves_nothing_but_its_own_where_all_read_the_same()
    {
        Gen.Select(Gen.Int[2, 8], Gen.Int[1, 40]).Sample((members, partitions) =>
        {
            var assignor = new CooperativeStickyAssignor();
            var group = new TestGroup(
                Topics(("payments", partitions)), [.. Enumerable.Range(0, members).Select(i => Member($"m{i}", ["payments"]))]);
            var before = Settled(assignor, group);
            var left = new TestGroup(group.Counts, Owning([.. group.Members.Skip(1)], before, 5));
            var after = assignor.Assign(left.Counts, left.Members);
            foreach (var member in left.Members)
                Assert.Empty(before[member.MemberId].Except(after[member.MemberId]));
        });
    }

    const int MostRebalances = 4;

    /// <summary>Rebalances, as members that give up and take partitions cause it, until nothing changes any more.</summary>
    static SortedDictionary<string, List<TopicPartition>> Settled(PartitionAssignor assignor, TestGroup group)
    {
        var assignment = assignor.Assign(group.Counts, group.Members);
        for (var generation = 8; generation < 8 + MostRebalances; generation++)
        {
            var next = assignor.Assign(group.Counts, Owning(group.Members, assignment, generation));
            if (next.SequenceEqual(assignment, SameShare))
                return assignment;
            assignment = next;
        }
        throw new InvalidOperationException("The group goes on rebalancing.");
    }

    static readonly IEqualityComparer<KeyValuePair<string, List<TopicPartition>>> SameShare =
        EqualityComparer<KeyValuePair<string, List<TopicPartition>>>.Create(
            (left, right) => left.Key == right.Key && left.Value.SequenceEqual(right.Value));

    static List<MemberSubscription> Owning(
        IReadOnlyList<MemberSubscription> members, SortedDictionary<string, List<TopicPartition>> assignment, int generation) =>
        [.. members.Select(member => member with { Owned = assignment[member.MemberId], Generation = generation })];

    sealed record TestGroup(SortedDictionary<string, int> Counts, IReadOnlyList<MemberSubscription> Members);

    static readonly string[] Names = ["a", "b", "c", "d"];

    /// <summary>Groups as peers may describe them: any topics, also unknown ones, and any claims, also of what does not exist.</summary>
    static readonly Gen<TestGroup> Group =
        from counts in Gen.Int[0, 6].Array[4]
        from members in Gen.Select(Gen.Int[0, 15], Gen.Select(Gen.Int[0, 3], Gen.Int[-1, 7]).Array[0, 8], Gen.Int[-1, 3], Gen.Bool).Array[1, 6]
        select new TestGroup(
            Topics([.. counts.Take(3).Select((count, i) => (Names[i], count))]),
            [.. members.Select((member, i) => new MemberSubscription(
                $"m{i}", member.Item4 ? $"s{i}" : null,
                [.. Names.Where((_, topic) => (member.Item1 >> topic & 1) != 0)],
                [.. member.Item2.Select(claim => new TopicPartition(Names[claim.Item1], claim.Item2))], member.Item3))]);
}
