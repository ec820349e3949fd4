using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Cluster;

public sealed class MetadataMachineTests
{
    static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);
    static readonly TimeSpan RebootstrapAfter = TimeSpan.FromMinutes(4);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.2);

    readonly ScriptedCluster _cluster = new();
    readonly MachineQueue _machines = new();
    readonly Effects _effects = new();
    readonly MetadataMachine _metadata;
    readonly List<ClusterView> _views = [];
    Instant _now = Instant.Start;
    Instant _next;

    public MetadataMachineTests()
    {
        _metadata = new MetadataMachine(
            _cluster, TimeSpan.FromSeconds(30), MaxAge, new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)),
            RebootstrapAfter, new RandomSource(1), _views.Add);
        _machines.Add(_metadata);
        Poll();
    }

    [Fact]
    public void Nothing_is_asked_before_somebody_wants_something()
    {
        Assert.Empty(_cluster.Sent);
        Assert.Equal(Instant.Never, _next);
    }

    [Fact]
    public void First_topic_is_asked_for_at_once()
    {
        Watch("payments");
        Assert.Equal(["payments"], TopicsOf(_cluster.Take()));
    }

    [Fact]
    public void Controllers_are_asked_for_themselves_and_the_active_one()
    {
        var metadata = OfControllers();
        metadata.Refresh(0);
        _machines.Poll(_now, _effects);
        var request = _cluster.Take();
        Assert.Equal(2, request.Read<DescribeClusterRequest>().EndpointType);
        request.Answer(new DescribeClusterResponse
        {
            ClusterId = "c", ControllerId = 3, Brokers = [new() { BrokerId = 2, Host = "b", Port = 9093 }, new() { BrokerId = 3, Host = "c", Port = 9093 }],
        }, _now);
        Assert.Equal((3, "c"), (metadata.View.ControllerId, metadata.View.ClusterId));
        Assert.Equal([2, 3], metadata.View.Brokers.Keys);
        Assert.Null(metadata.LastFailure);
    }

    [Fact]
    public void Broker_in_the_place_of_a_controller_is_told_as_such_and_asked_again()
    {
        var metadata = OfControllers();
        metadata.Refresh(0);
        _machines.Poll(_now, _effects);
        _cluster.Take().Answer(new DescribeClusterResponse { ErrorCode = ErrorCode.MismatchedEndpointType, ErrorMessage = "an endpoint of brokers" }, _now);
        Assert.Contains("BootstrapControllers names a broker's listener", metadata.LastFailure!.Detail);
        _machines.Poll(_now + LongestPause, _effects);
        Assert.Equal(2, _cluster.Take().Read<DescribeClusterRequest>().EndpointType);
    }

    [Fact]
    public void Topics_that_come_together_share_one_request()
    {
        _metadata.Watch("b");
        _metadata.Watch("a");
        _metadata.Watch("b");
        Poll();
        Assert.Equal(["a", "b"], TopicsOf(_cluster.Take()));
        Assert.Empty(_cluster.Sent);
    }

    [Fact]
    public void Topic_that_comes_during_a_request_is_asked_for_right_after_it()
    {
        Watch("a");
        Watch("b");
        var first = _cluster.Take();
        Assert.Empty(_cluster.Sent);
        Answer(first, "a");

        Assert.Equal(["a", "b"], TopicsOf(_cluster.Take()));
    }

    [Fact]
    public void Failure_is_followed_by_growing_pauses_and_is_remembered()
    {
        Watch("a");
        var last = TimeSpan.Zero;
        for (var failures = 1; failures <= 4; failures++)
        {
            _cluster.Take().Fail(RequestFailureReason.NotSent, _now);
            Poll();
            Assert.Empty(_cluster.Sent);
            Assert.Equal(RequestFailureReason.NotSent, _metadata.LastFailure?.Reason);
            var pause = _next - _now;
            Assert.InRange(pause, last, LongestPause);
            last = pause;
            Pass(pause);
        }
        Answer(_cluster.Take(), "a");
        Assert.Null(_metadata.LastFailure);
    }

    [Fact]
    public void Topic_without_leader_is_asked_for_again_after_a_pause()
    {
        Watch("a");
        var response = Response("a");
        response.Topics[0].Partitions[0].LeaderId = -1;
        _cluster.Take().Answer(response, _now);
        Poll();
        Assert.Empty(_cluster.Sent);
        Pass(_next - _now);
        Answer(_cluster.Take(), "a");
        Assert.Equal(_now + MaxAge, _next);
    }

    [Fact]
    public void Failure_of_an_old_view_does_not_drop_a_fresh_one()
    {
        Watch("a");
        Answer(_cluster.Take(), "a");
        _metadata.Refresh(_metadata.View.Generation - 1);
        Pass(LongestPause);
        Assert.Empty(_cluster.Sent);

        _metadata.Refresh(_metadata.View.Generation);
        Poll();
        Assert.Single(_cluster.Sent);
    }

    [Fact]
    public void Many_signs_of_age_lead_to_one_request_and_not_in_a_circle()
    {
        Watch("a");
        Answer(_cluster.Take(), "a");
        for (var i = 0; i < 10; i++)
        {
            _metadata.Refresh(_metadata.View.Generation);
            Poll();
        }
        Assert.Empty(_cluster.Sent);
        Assert.InRange(_next - _now, TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(120));
        Pass(_next - _now);
        Assert.Single(_cluster.Sent);
    }

    [Fact]
    public void View_is_renewed_every_so_often()
    {
        Watch("a");
        Answer(_cluster.Take(), "a");
        Assert.Equal(_now + MaxAge, _next);
        Pass(MaxAge);
        Answer(_cluster.Take(), "a");

        Assert.Equal(2, _views.Count);
        Assert.True(_views[1].Generation > _views[0].Generation);
    }

    [Fact]
    public void Topic_that_nobody_watches_any_more_leaves_the_view()
    {
        Watch("a");
        Watch("b");
        Answer(_cluster.Take(), "a");
        Answer(_cluster.Take(), "a", "b");
        _metadata.Unwatch("b");
        Pass(MaxAge);
        var request = _cluster.Take();
        Assert.Equal(["a"], TopicsOf(request));
        Answer(request, "a");
        Assert.Equal(["a"], _metadata.View.Topics.Keys);
    }

    [Fact]
    public void Pattern_asks_for_all_topics_until_it_goes()
    {
        _metadata.WatchAll(true);
        Poll();
        var all = _cluster.Take();
        Assert.Null(all.Read<MetadataRequest>().Topics);
        Answer(all, "a", "b");
        Assert.Equal(["a", "b"], _metadata.View.Topics.Keys.Order());
        Assert.True(_metadata.View.HasAllTopics);

        _metadata.WatchAll(false);
        Pass(MaxAge);
        var none = _cluster.Take();
        Assert.Empty(TopicsOf(none));
        Answer(none);
        Assert.False(_metadata.View.HasAllTopics);
    }

    [Fact]
    public void Answer_for_fewer_topics_that_was_on_its_way_when_a_pattern_came_does_not_count_for_all()
    {
        Watch("a");
        var fewer = _cluster.Take();
        _metadata.WatchAll(true);
        Answer(fewer, "a");
        Assert.False(_metadata.View.HasAllTopics);
        Assert.Null(_cluster.Take().Read<MetadataRequest>().Topics);
    }

    [Fact]
    public void Topic_of_interest_that_an_answer_for_all_does_not_have_is_missing_and_keeps_its_partitions()
    {
        Watch("a");
        Answer(_cluster.Take(), "a");
        var partitions = _metadata.View.Topics["a"].Partitions;
        _metadata.WatchAll(true);
        Poll();
        Answer(_cluster.Take(), "b");
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, _metadata.View.Topics["a"].Error);
        Assert.Equal(partitions, _metadata.View.Topics["a"].Partitions);
    }

    [Fact]
    public void Topic_that_is_missing_beside_a_pattern_is_asked_for_by_name_so_that_it_is_created()
    {
        _metadata.WatchAll(true);
        Poll();
        Answer(_cluster.Take(), "b");
        Watch("a");
        var named = _cluster.Take();
        Assert.Equal(["a"], TopicsOf(named));
        Answer(named, "a");
        Pass(LongestPause);
        Answer(_cluster.Take(), "a", "b");
        Assert.True(_metadata.View.HasAllTopics);
    }

    [Fact]
    public void Answer_that_sends_the_client_back_to_its_bootstrap_list_clears_the_brokers_and_is_followed_by_a_question()
    {
        Watch("a");
        Answer(_cluster.Take(), "a");
        _metadata.Refresh(_metadata.View.Generation);
        Pass(LongestPause);
        _cluster.Take().Answer(new MetadataResponse { ErrorCode = ErrorCode.RebootstrapRequired }, _now);
        Poll();

        Assert.Empty(_metadata.View.Brokers);
        Assert.Equal(["a"], _metadata.View.Topics.Keys);
        Pass(LongestPause);
        Answer(_cluster.Take(), "a");
        Assert.Equal([1], _metadata.View.Brokers.Keys);
    }

    [Fact]
    public void Brokers_that_answer_nothing_are_given_up_after_their_time_and_not_before()
    {
        Watch("a");
        Answer(_cluster.Take(), "a");
        _metadata.Refresh(_metadata.View.Generation);
        Pass(LongestPause);
        var unanswered = _cluster.Take();
        Pass(RebootstrapAfter - TimeSpan.FromTicks(1));
        Assert.NotEmpty(_metadata.View.Brokers);
        Pass(TimeSpan.FromTicks(1));
        Assert.Empty(_metadata.View.Brokers);
        Answer(unanswered, "a");
        Assert.NotEmpty(_metadata.View.Brokers);
    }

    [Fact]
    public void Error_of_the_whole_answer_changes_no_view()
    {
        Watch("a");
        var response = Response("a");
        response.ErrorCode = ErrorCode.UnknownServerError;
        _cluster.Take().Answer(response, _now);
        Poll();

        Assert.Empty(_views);
        Pass(_next - _now);
        Assert.Single(_cluster.Sent);
    }

    void Watch(string topic)
    {
        _metadata.Watch(topic);
        Poll();
    }

    void Answer(SentRequest request, params string[] topics)
    {
        request.Answer(Response(topics), _now);
        Poll();
    }

    static MetadataResponse Response(params string[] topics) => new()
    {
        Brokers = [new() { NodeId = 1, Host = "broker", Port = 9092 }],
        Topics = [.. topics.Select(topic => new MetadataResponse.MetadataResponseTopic
        {
            Name = topic, Partitions = [new() { PartitionIndex = 0, LeaderId = 1, LeaderEpoch = 1 }],
        })],
    };

    MetadataMachine OfControllers()
    {
        var metadata = new MetadataMachine(
            _cluster, TimeSpan.FromSeconds(30), MaxAge, new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)),
            RebootstrapAfter, new RandomSource(1), _views.Add, isOfControllers: true);
        _machines.Add(metadata);
        return metadata;
    }

    static IEnumerable<string?> TopicsOf(SentRequest request) => request.Read<MetadataRequest>().Topics!.Select(topic => topic.Name);

    void Pass(TimeSpan time)
    {
        _now += time;
        Poll();
    }

    void Poll() => _next = _machines.Poll(_now, _effects);
}
