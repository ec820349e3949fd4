using System.Text;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming.Assignors;

/// <summary>Assignors of the application, in a member by hand-made time.</summary>
public sealed class CustomAssignorTests
{
    [Fact]
    public void Custom_assignors_are_offered_before_the_strategies_with_what_they_say()
    {
        var it = new ConsumerHarness(options => options.CustomAssignors = [new Everything { Says = "mine" }]);
        it.Wait();

        var join = it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>();

        Assert.Equal(["everything", "range", "cooperative-sticky"], join.Protocols.Select(protocol => protocol.Name));
        var said = GroupMessages.ReadSubscription("m", null, join.Protocols[0].Metadata, new RangeAssignor());
        Assert.Equal("mine", Encoding.UTF8.GetString(said.UserData.Span));
        Assert.Equal("r1", said.Rack);
    }

    [Fact]
    public void Join_waits_for_what_the_assignor_says()
    {
        var it = new ConsumerHarness(options => options.CustomAssignors = [new Everything()]) { HoldsCode = true };
        it.Wait();
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        Assert.True(it.RunCode());
        it.Turn();
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
        Assert.False(it.RunCode());
    }

    [Fact]
    public void Leader_sends_what_the_assignor_answers()
    {
        var assignor = new Everything();
        var it = Leader(assignor);

        var shares = it.Take(ApiKey.SyncGroup).Read<SyncGroupRequest>().Assignments.ToDictionary(share => share.MemberId);

        Assert.Equal([P(0), P(1)], GroupMessages.ReadAssignment(shares["a"].Assignment));
        Assert.Equal("go", Encoding.UTF8.GetString(GroupMessages.ReadAssignmentUserData(shares["a"].Assignment)));
        Assert.Empty(GroupMessages.ReadAssignment(shares["b"].Assignment));
        var group = Assert.IsType<GroupSubscription>(assignor.Asked);
        Assert.Equal(("g", 2), (group.GroupId, group.Topics.Single().Partitions.Count));
        Assert.Equal(["a", "b", "c"], group.Members.Select(member => member.MemberId));
        Assert.Equal([1, 2], group.Brokers.Select(broker => broker.Id));
    }

    [Fact]
    public void Assignor_is_told_of_the_share_before_it_is_taken()
    {
        var assignor = new Everything();
        var it = new ConsumerHarness(options => options.CustomAssignors = [assignor]);
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), JoinedBy(assignor.Name, "m", "other"));
        it.HoldsCode = true;
        it.Answer(it.Take(ApiKey.SyncGroup), new SyncGroupResponse { Assignment = GroupMessages.Assignment([P(1)], "go"u8.ToArray()) });

        Assert.Empty(it.Assignment.Snapshot);
        Assert.True(it.RunCode());
        it.Turn();

        Assert.Equal([P(1)], it.Assignment.Snapshot.Select(partition => partition.Partition));
        var (told, group) = Assert.Single(assignor.Told);
        Assert.Equal([P(1)], told.Partitions);
        Assert.Equal("go", Encoding.UTF8.GetString(told.UserData.Span));
        Assert.Equal(new ConsumerGroupMetadata("g", "m", 1, null), group);
    }

    [Fact]
    public void Member_that_is_expelled_meanwhile_takes_no_answer_and_joins_again()
    {
        var assignor = new Everything();
        var it = Leader(assignor, holdsCode: true);
        it.Pass(TimeSpan.FromSeconds(3));
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });
        it.HoldsCode = false;
        it.Turn();
        Assert.Equal(0, it.Count(ApiKey.SyncGroup));
        Assert.Equal("", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
    }

    public static TheoryData<string, Func<GroupSubscription, GroupAssignment?>> Mistakes => new()
    {
        { "threw in Assign: no idea", _ => throw new InvalidOperationException("no idea") },
        { "answered null", _ => null },
        { "gave payments-0 twice, to 'a' and to 'b'", _ => Give(("a", P(0)), ("b", P(0))) },
        { "gave payments-0 twice, to 'a' and to 'a'", _ => Give(("a", P(0)), ("a", P(0))) },
        { "'nobody', which is no member of the group", _ => Give(("nobody", P(0))) },
        { "gave payments-2 to 'a'. There is no such partition", _ => Give(("a", P(2))) },
        { "gave payments--1 to 'a'. There is no such partition", _ => Give(("a", P(-1))) },
        { "gave gone-0 to 'a'. There is no such partition", _ => Give(("a", new TopicPartition("gone", 0))) },
        { "gave payments-0 to 'c', which does not subscribe to its topic", _ => Give(("c", P(0))) },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistake_of_an_assignor_ends_the_consumer_with_its_name_and_what_is_wrong(string message, Func<GroupSubscription, GroupAssignment?> answer)
    {
        var it = Leader(new Everything { Answer = answer });

        Assert.Equal(0, it.Count(ApiKey.SyncGroup));
        var error = Assert.Throws<KafkaException>(() => it.Reader.TryNext(out _));
        Assert.Contains("assignor 'everything' (Everything)", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.True(error.IsFatal);
        Assert.Equal("a", it.Take(ApiKey.LeaveGroup).Read<LeaveGroupRequest>().Members[0].MemberId);
    }

    [Fact]
    public void What_is_thrown_before_a_join_ends_the_consumer()
    {
        var it = new ConsumerHarness(options => options.CustomAssignors = [new Everything { Fault = new InvalidOperationException("no idea") }]);
        it.Wait();
        Assert.Contains("threw in SubscriptionUserData: no idea", Assert.Throws<KafkaException>(() => it.Reader.TryNext(out _)).Message, StringComparison.Ordinal);
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Assignor_that_does_not_end_within_the_poll_interval_ends_the_consumer()
    {
        var it = Leader(new Everything(), holdsCode: true);
        it.Pass(TimeSpan.FromMinutes(5));
        var error = Assert.Throws<KafkaTimeoutException>(() => it.Reader.TryNext(out _));
        Assert.Contains("MaxPollInterval", error.Message, StringComparison.Ordinal);
        Assert.True(it.RunCode());
        it.Turn();
        Assert.Equal(0, it.Count(ApiKey.SyncGroup));
    }

    [Fact]
    public void Cooperative_assignor_need_not_look_at_what_others_still_read()
    {
        var assignor = new CustomAssignor(new Everything { Protocols = [RebalanceProtocol.Cooperative] }, "g");
        MemberSubscription[] members =
            [new("a", null, ["payments"], [P(0)], 1), new("b", null, ["payments"], [P(1)], 1)];

        Assert.Equal([P(0)], assignor.Assign(Known(2), members).PartitionsOf("a"));
        Assert.Equal([P(0), P(1)], assignor.Assign(Known(2), [members[0], members[1] with { OwnedPartitions = [] }]).PartitionsOf("a"));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Member_keeps_its_partitions_while_it_joins_if_all_its_assignors_can_do_that(bool isWithRange, bool tellsOwned)
    {
        var it = new ConsumerHarness(options =>
        {
            options.CustomAssignors = [new Everything { Protocols = [RebalanceProtocol.Eager, RebalanceProtocol.Cooperative] }];
            options.PartitionAssignmentStrategies =
                isWithRange ? [PartitionAssignmentStrategy.Range] : [PartitionAssignmentStrategy.CooperativeSticky];
        });
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), JoinedBy("everything", "m", "other"));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        it.GiveCommitted(0);
        it.Pass(TimeSpan.FromSeconds(3));
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        it.Turn();

        var said = GroupMessages.ReadSubscription("m", null, it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().Protocols[0].Metadata, new RangeAssignor());
        Assert.Equal(tellsOwned ? [P(0)] : [], said.OwnedPartitions);
        Assert.Equal(tellsOwned ? 1 : 0, it.Assignment.Snapshot.Length);
    }

    static GroupTopics Known(int partitions) => AssignorGroups.Topics(("payments", partitions));

    static GroupAssignment Give(params (string Member, TopicPartition Partition)[] shares)
    {
        var assignment = new GroupAssignment();
        foreach (var (member, partition) in shares)
            assignment.Add(member, partition);
        return assignment;
    }

    static JoinGroupResponse JoinedBy(string assignor, string member, string leader)
    {
        var joined = Joined(1, member, leader);
        joined.ProtocolName = assignor;
        return joined;
    }

    /// <summary>A member "a" that leads "b", which reads the same, and "c", which reads something else.</summary>
    static ConsumerHarness Leader(Everything assignor, bool holdsCode = false)
    {
        var it = new ConsumerHarness(options => options.CustomAssignors = [assignor]);
        it.Wait();
        it.HoldsCode = holdsCode;
        var joined = JoinedBy(assignor.Name, "a", "a");
        var same = GroupMessages.Subscription([Topic], [], -1, new RangeAssignor());
        joined.Members =
        [
            new() { MemberId = "b", Metadata = same }, new() { MemberId = "a", Metadata = same },
            new() { MemberId = "c", Metadata = GroupMessages.Subscription([], [], -1, new RangeAssignor()) },
        ];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        return it;
    }

    /// <summary>Gives everything to the first member, unless told otherwise.</summary>
    sealed class Everything : ConsumerPartitionAssignor
    {
        public string Says { get; init; } = "";

        public Exception? Fault { get; init; }

        public IReadOnlyList<RebalanceProtocol> Protocols { get; init; } = [RebalanceProtocol.Eager];

        public Func<GroupSubscription, GroupAssignment?>? Answer { get; init; }

        public GroupSubscription? Asked { get; private set; }

        public List<(MemberAssignment, ConsumerGroupMetadata)> Told { get; } = [];

        public override string Name => "everything";

        public override IReadOnlyList<RebalanceProtocol> SupportedProtocols => Protocols;

        public override ReadOnlyMemory<byte> SubscriptionUserData(IReadOnlyList<string> topics) =>
            Fault is null ? Encoding.UTF8.GetBytes(Says) : throw Fault;

        public override GroupAssignment Assign(GroupSubscription group)
        {
            Asked = group;
            if (Answer is not null)
                return Answer(group)!;
            var assignment = new GroupAssignment();
            foreach (var partition in group.Members.SelectMany(member => member.Topics).Distinct().SelectMany(topic => new[] { 0, 1 }, (topic, i) => new TopicPartition(topic, i)))
                assignment.Add(group.Members[0].MemberId, partition);
            assignment.SetUserData(group.Members[0].MemberId, "go"u8.ToArray());
            return assignment;
        }

        public override void OnAssignment(MemberAssignment assignment, ConsumerGroupMetadata group) => Told.Add((assignment, group));
    }
}
