using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Cluster;

public sealed class ViewMergeTests
{
    static readonly Guid FirstId = new("11111111-1111-1111-1111-111111111111");
    static readonly Guid SecondId = new("22222222-2222-2222-2222-222222222222");

    [Fact]
    public void Older_leader_epoch_is_ignored_and_an_equal_or_unknown_one_is_taken()
    {
        var view = Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5)));

        Assert.Equal((1, 5), LeaderOf(Merge(view, Topic(FirstId, P(0, leader: 2, epoch: 4)))));
        Assert.Equal((2, 5), LeaderOf(Merge(view, Topic(FirstId, P(0, leader: 2, epoch: 5)))));
        Assert.Equal((3, 6), LeaderOf(Merge(view, Topic(FirstId, P(0, leader: 3, epoch: 6)))));
        Assert.Equal((4, -1), LeaderOf(Merge(view, Topic(FirstId, P(0, leader: 4, epoch: -1)))));
    }

    [Fact]
    public void Topic_with_another_id_begins_anew()
    {
        var view = Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5), P(1, leader: 1, epoch: 5)));
        var next = Merge(view, Topic(SecondId, P(0, leader: 2, epoch: 0)));

        Assert.Equal((2, 0), LeaderOf(next));
        Assert.Single(next.Topics["payments"].Partitions);
        Assert.Equal(SecondId, next.Topics["payments"].Id);
    }

    [Fact]
    public void Topic_in_error_keeps_the_partitions_that_were_known()
    {
        var view = Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5)));
        var failed = new MetadataResponse.MetadataResponseTopic { Name = "payments", ErrorCode = ErrorCode.LeaderNotAvailable };
        var next = Merge(view, failed);

        Assert.Equal((1, 5), LeaderOf(next));
        Assert.Equal(ErrorCode.LeaderNotAvailable, next.Topics["payments"].Error);
        Assert.Equal(FirstId, next.Topics["payments"].Id);
    }

    [Theory]
    [InlineData(ErrorCode.UnknownTopicOrPartition, true)]
    [InlineData(ErrorCode.LeaderNotAvailable, true)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false)]
    [InlineData(ErrorCode.InvalidTopicException, false)]
    public void Errors_that_may_pass_leave_the_view_unfinished(ErrorCode error, bool expected) =>
        Assert.Equal(expected, ViewMerge.IsUnfinished(
            Merge(ClusterView.Empty, new MetadataResponse.MetadataResponseTopic { Name = "payments", ErrorCode = error }), ["payments"]));

    [Fact]
    public void Partition_without_leader_leaves_the_view_unfinished()
    {
        Assert.True(ViewMerge.IsUnfinished(Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: -1, epoch: 5))), ["payments"]));
        Assert.False(ViewMerge.IsUnfinished(Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5))), ["payments"]));
        Assert.True(ViewMerge.IsUnfinished(Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5))), ["payments", "orders"]));
    }

    [Theory]
    [InlineData(1, "", 9092)]
    [InlineData(1, "broker", 0)]
    [InlineData(1, "broker", -1)]
    [InlineData(1, "broker", 70000)]
    [InlineData(-1, "broker", 9092)]
    public void Broker_that_cannot_be_is_left_out(int nodeId, string host, int port)
    {
        var answer = new MetadataResponse
        {
            Brokers = [new() { NodeId = nodeId, Host = host, Port = port }, new() { NodeId = 2, Host = "good", Port = 65535 }],
        };
        Assert.Equal([2], ViewMerge.WithAnswer(ClusterView.Empty, answer, []).Brokers.Keys);
        Assert.Null(ViewMerge.WithBroker(ClusterView.Empty, new BrokerView(nodeId, host, port, null)));
    }

    [Fact]
    public void Answer_without_usable_brokers_keeps_the_last_good_list()
    {
        var view = Merge(ClusterView.Empty);
        var next = ViewMerge.WithAnswer(view, new MetadataResponse { Brokers = [new() { NodeId = 9, Host = "", Port = 1 }] }, []);

        Assert.Equal([1], next.Brokers.Keys);
    }

    [Fact]
    public void Rows_that_make_no_sense_cost_no_memory()
    {
        var flood = Topic(FirstId, P(int.MaxValue, 1, 1), P(-1, 1, 1), P(int.MinValue, 1, 1), P(900_000, 1, 1), P(2, 1, 7), P(2, 2, 8), P(2, 3, 6));
        var topic = Merge(ClusterView.Empty, flood).Topics["payments"];

        Assert.InRange(topic.Partitions.Length, 3, 100);
        Assert.Equal((2, 8), (topic.Partitions[2].LeaderId, topic.Partitions[2].LeaderEpoch));
        Assert.Equal(-1, topic.Partitions[0].LeaderId);
        Assert.Equal(Enumerable.Range(0, topic.Partitions.Length), topic.Partitions.Select(partition => partition.Index));
    }

    [Fact]
    public void Topics_that_nobody_asked_for_are_left_out()
    {
        var strangers = Enumerable.Range(0, 1000).Select(i => new MetadataResponse.MetadataResponseTopic { Name = $"stranger-{i}" });
        var nameless = new MetadataResponse.MetadataResponseTopic { Name = "" };

        Assert.Equal(["payments"], Merge(ClusterView.Empty, [.. strangers, nameless, Topic(FirstId)]).Topics.Keys);
    }

    [Fact]
    public void Watched_topic_that_an_answer_leaves_out_stays()
    {
        var view = Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5)));
        Assert.Equal((1, 5), LeaderOf(Merge(view)));
        Assert.Empty(ViewMerge.WithAnswer(view, new MetadataResponse(), []).Topics);
    }

    [Fact]
    public void Leader_named_by_a_response_is_news_only_with_a_newer_epoch()
    {
        var view = Merge(ClusterView.Empty, Topic(FirstId, P(0, leader: 1, epoch: 5)));

        Assert.Null(ViewMerge.WithLeader(view, "payments", Guid.Empty, 0, 2, 5));
        Assert.Null(ViewMerge.WithLeader(view, "payments", Guid.Empty, 0, -1, 6));
        Assert.Null(ViewMerge.WithLeader(view, "payments", Guid.Empty, 1, 2, 6));
        Assert.Null(ViewMerge.WithLeader(view, "payments", Guid.Empty, -1, 2, 6));
        Assert.Null(ViewMerge.WithLeader(view, "orders", Guid.Empty, 0, 2, 6));
        var next = ViewMerge.WithLeader(view, "payments", Guid.Empty, 0, 2, 6)!;
        Assert.Equal((2, 6), LeaderOf(next));
        Assert.True(next.Generation > view.Generation);
        Assert.Equal((1, 5), LeaderOf(view));
    }

    /// <summary>An answer that was long on its way; its epoch would hide every leader of the new topic.</summary>
    [Fact]
    public void Leader_of_a_topic_that_was_created_anew_since_is_no_news()
    {
        var view = Merge(ClusterView.Empty, Topic(SecondId, P(0, leader: 1, epoch: 0)));
        Assert.Null(ViewMerge.WithLeader(view, "payments", FirstId, 0, 2, 6));
        Assert.Equal((2, 1), LeaderOf(ViewMerge.WithLeader(view, "payments", SecondId, 0, 2, 1)!));
    }

    [Fact]
    public void Broker_is_its_node_id_and_not_its_address()
    {
        var view = Merge(ClusterView.Empty);
        Assert.Null(ViewMerge.WithBroker(view, view.Brokers[1]));
        var moved = ViewMerge.WithBroker(view, new BrokerView(1, "elsewhere", 9093, null))!;
        Assert.Equal("elsewhere", Assert.Single(moved.Brokers).Value.Host);
        Assert.Equal(2, ViewMerge.WithBroker(view, new BrokerView(2, "broker", 9092, null))!.Brokers.Count);
    }

    static (int, int) LeaderOf(ClusterView view) =>
        (view.Topics["payments"].Partitions[0].LeaderId, view.Topics["payments"].Partitions[0].LeaderEpoch);

    static ClusterView Merge(ClusterView view, params MetadataResponse.MetadataResponseTopic[] topics) => ViewMerge.WithAnswer(
        view, new MetadataResponse { Brokers = [new() { NodeId = 1, Host = "broker", Port = 9092 }], Topics = topics }, ["payments"]);

    static MetadataResponse.MetadataResponseTopic Topic(Guid id, params MetadataResponse.MetadataResponsePartition[] partitions) =>
        new() { Name = "payments", TopicId = id, Partitions = partitions };

    static MetadataResponse.MetadataResponsePartition P(int index, int leader, int epoch) =>
        new() { PartitionIndex = index, LeaderId = leader, LeaderEpoch = epoch };
}
