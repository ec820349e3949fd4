using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming.Fetching;

/// <summary>Fetching from the replica that the leader names (KIP-392): broker 1 leads, broker 2 is nearer. By hand-made time.</summary>
public sealed class ReplicaTests
{
    readonly ConsumerHarness _it = new(isSubscribed: false);

    public ReplicaTests() => _it.Call((call, _) => _it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));

    static long OffsetAsked(SentRequest request) => request.Read<FetchRequest>().Topics.Single().Partitions.Single().FetchOffset;

    static FetchResponse Hint(int replica)
    {
        var answer = Fetched(7, (0, ErrorCode.None, []));
        answer.Responses[0].Partitions[0].PreferredReadReplica = replica;
        return answer;
    }

    /// <summary>Takes the fetch that waits at a broker; no other broker has one.</summary>
    SentRequest FetchAt(int node)
    {
        var fetch = _it.Take(ApiKey.Fetch);
        Assert.Equal(node, fetch.Target.NodeId);
        Assert.Equal(0, _it.Count(ApiKey.Fetch));
        return fetch;
    }

    void Follow() => _it.Answer(FetchAt(1), Hint(2));

    [Fact]
    public void Leader_is_told_of_the_rack_and_the_replica_that_it_names_is_fetched_from()
    {
        var first = FetchAt(1);
        Assert.Equal("r1", first.Read<FetchRequest>().RackId);
        _it.Answer(first, Hint(2));
        var second = FetchAt(2);
        Assert.Equal((0, 0), (second.Read<FetchRequest>().SessionId, OffsetAsked(second)));
        _it.Answer(second, Fetched(9, (0, ErrorCode.None, Batch(0, 3))));
        Assert.Equal(3, OffsetAsked(FetchAt(2)));
        Assert.Equal(3, _it.ReadAll().Count);
    }

    [Fact]
    public void Leader_that_names_itself_is_fetched_from()
    {
        _it.Answer(FetchAt(1), Hint(1));
        FetchAt(1);
    }

    [Fact]
    public void Leader_is_asked_again_when_the_lease_is_over()
    {
        Follow();
        var parked = FetchAt(2);
        _it.Pass(TimeSpan.FromMinutes(5));
        _it.Answer(parked, Fetched(9));
        var asked = FetchAt(1);
        Assert.Equal("r1", asked.Read<FetchRequest>().RackId);
        _it.Answer(asked, Hint(2));
        FetchAt(2);
    }

    [Fact]
    public void Lease_counts_from_the_first_fetch_which_waits_for_one_that_is_under_way()
    {
        var it = new ConsumerHarness(isSubscribed: false, partitions: 2);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), 0), new TopicPartitionOffset(P(1), 0)], call));
        var first = Fetched(7, (0, ErrorCode.None, []), (1, ErrorCode.None, []));
        first.Responses[0].Partitions[0].PreferredReadReplica = 2;
        it.Answer(it.Take(ApiKey.Fetch), first);
        var (one, other) = (it.Take(ApiKey.Fetch), it.Take(ApiKey.Fetch));
        var (atLeader, atReplica) = one.Target.NodeId == 1 ? (one, other) : (other, one);
        var second = Fetched(7, (1, ErrorCode.None, []));
        second.Responses[0].Partitions[0].PreferredReadReplica = 2;
        it.Answer(atLeader, second);
        it.Pass(TimeSpan.FromMinutes(5));
        it.Answer(atReplica, Fetched(9));
        var next = it.Take(ApiKey.Fetch);
        next = next.Target.NodeId == 2 ? next : it.Take(ApiKey.Fetch);
        Assert.Equal(2, next.Target.NodeId);
        Assert.Equal(1, next.Read<FetchRequest>().Topics.Single().Partitions.Single().Partition);
    }

    [Fact]
    public void Replica_is_kept_within_its_lease()
    {
        Follow();
        var parked = FetchAt(2);
        _it.Pass(TimeSpan.FromMinutes(4));
        _it.Answer(parked, Fetched(9));
        FetchAt(2);
    }

    /// <summary>A follower that lacks an offset may be behind: what the leader says of it counts.</summary>
    [Theory]
    [InlineData(ErrorCode.OffsetOutOfRange)]
    [InlineData(ErrorCode.OffsetNotAvailable)]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    [InlineData(ErrorCode.FencedLeaderEpoch)]
    [InlineData(ErrorCode.UnknownLeaderEpoch)]
    [InlineData(ErrorCode.UnknownTopicOrPartition)]
    [InlineData(ErrorCode.KafkaStorageError)]
    public void Replica_that_refuses_is_left_for_the_leader_at_once_and_no_position_is_reset(ErrorCode error)
    {
        Follow();
        _it.Answer(FetchAt(2), Fetched(9, (0, error, [])));
        var fetch = FetchAt(1).Read<FetchRequest>();
        // The session of the leader holds the partition from before.
        Assert.Equal((7, 1, ""), (fetch.SessionId, fetch.SessionEpoch, fetch.RackId));
        Assert.Empty(fetch.ForgottenTopicsData);
        Assert.Equal(0, _it.Count(ApiKey.ListOffsets));
    }

    /// <summary>The leader names a dead replica until it has heard of its end, and gives no records while it does.</summary>
    [Fact]
    public void Leader_is_told_of_no_rack_for_a_while_after_a_replica_has_failed()
    {
        Follow();
        _it.Fail(FetchAt(2), RequestFailureReason.Lost);
        var fetch = FetchAt(1);
        Assert.Equal("", fetch.Read<FetchRequest>().RackId);
        _it.Answer(fetch, Fetched(7, (0, ErrorCode.None, Batch(0, 1))));
        Assert.Single(_it.ReadAll());
        var parked = FetchAt(1);
        _it.Pass(TimeSpan.FromSeconds(10));
        _it.Answer(parked, Fetched(7));
        Assert.Equal("r1", FetchAt(1).Read<FetchRequest>().RackId);
    }

    [Fact]
    public void Replica_that_fails_again_is_left_alone_for_longer()
    {
        Follow();
        _it.Fail(FetchAt(2), RequestFailureReason.Lost);
        var parked = FetchAt(1);
        _it.Pass(TimeSpan.FromSeconds(10));
        _it.Answer(parked, Fetched(7));
        Follow();
        _it.Fail(FetchAt(2), RequestFailureReason.Lost);
        parked = FetchAt(1);
        _it.Pass(TimeSpan.FromSeconds(10));
        _it.Answer(parked, Fetched(7));
        Assert.Equal("", FetchAt(1).Read<FetchRequest>().RackId);
    }

    [Fact]
    public void Offset_that_the_leader_lacks_is_reset()
    {
        Follow();
        _it.Answer(FetchAt(2), Fetched(9, (0, ErrorCode.OffsetOutOfRange, [])));
        _it.Answer(FetchAt(1), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        Assert.Equal(1, _it.Count(ApiKey.ListOffsets));
    }

    [Fact]
    public void Replica_is_left_when_another_leader_comes()
    {
        Follow();
        var parked = FetchAt(2);
        _it.ShowTopic(2, 6);
        _it.Answer(parked, Fetched(9));
        FetchAt(1);
    }

    [Fact]
    public void Replica_that_metadata_does_not_know_is_not_gone_to()
    {
        var refreshes = _it.Cluster.Refreshes;
        _it.Answer(FetchAt(1), Hint(3));
        Assert.True(_it.Cluster.Refreshes > refreshes);
        _it.Pass(TimeSpan.FromSeconds(1));
        FetchAt(1);
    }

    [Fact]
    public void Partition_that_may_not_be_read_is_an_error_at_a_replica_too()
    {
        Follow();
        _it.Answer(FetchAt(2), Fetched(9, (0, ErrorCode.TopicAuthorizationFailed, [])));
        Assert.Throws<KafkaAuthorizationException>(() => _it.Reader.TryNext(out _));
    }
}
