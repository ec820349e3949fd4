using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Administration;

/// <summary>Calls on several items, each asked of its broker, by hand-made time and answers.</summary>
public sealed class ItemInquiryTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly InquirySettings Settings = new(
        TimeSpan.FromSeconds(30), new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), new RandomSource(1));

    readonly ScriptedCluster _cluster = new();
    readonly Effects _effects = new();
    readonly InquiryMachine _machine;
    readonly TestCall<IReadOnlyList<ItemResult<TopicPartition, long>>> _call = new(Instant.Start + Patience);
    Instant _now = Instant.Start + TimeSpan.FromSeconds(1);

    public ItemInquiryTests() => _machine = new InquiryMachine(_cluster);

    [Fact]
    public void Partitions_are_asked_of_their_leaders_side_by_side_and_told_in_the_callers_order()
    {
        Delete(P(0), P(1), P(2));
        LookUp((0, 1), (1, 2), (2, 1));
        var first = Take(1);
        var second = Take(2);
        Assert.Equal([0, 2], Asked(first));
        Assert.Equal([1], Asked(second));
        Answer(second, (1, ErrorCode.None));
        Answer(first, (2, ErrorCode.None), (0, ErrorCode.None));
        Assert.Equal([P(0), P(1), P(2)], _call.Value!.Select(static result => result.Item));
        Assert.All(_call.Value!, static result => Assert.Equal(10, result.GetOrThrow()));
    }

    [Fact]
    public void Leader_that_has_moved_is_looked_up_again_and_what_is_answered_stays()
    {
        Delete(P(0), P(1));
        LookUp((0, 1), (1, 1));
        Answer(Take(1), (0, ErrorCode.None), (1, ErrorCode.NotLeaderOrFollower));
        Assert.False(_call.IsAnswered);
        PassUntilSent();
        LookUp((1, 2));
        var again = Take(2);
        Assert.Equal([1], Asked(again));
        Answer(again, (1, ErrorCode.None), (0, ErrorCode.UnknownServerError));
        Assert.All(_call.Value!, static result => Assert.True(result.Succeeded));
    }

    [Fact]
    public void Error_of_one_item_and_failure_of_one_broker_take_nothing_from_the_others()
    {
        Delete(P(0), P(1), P(2));
        LookUp((0, 1), (1, 2), (2, 1));
        Take(2).Fail(RequestFailureReason.UnsupportedVersion, _now);
        Answer(Take(1), (0, ErrorCode.PolicyViolation), (2, ErrorCode.None));
        Assert.Equal([ErrorCode.PolicyViolation, ErrorCode.UnsupportedVersion, ErrorCode.None], _call.Value!.Select(static result => result.Error?.Code ?? ErrorCode.None));
    }

    [Fact]
    public void Partition_that_does_not_exist_is_refused_and_nothing_is_asked_of_it()
    {
        Delete(P(0), P(7), new TopicPartition("nowhere", 0));
        LookUp((0, 1));
        Answer(Take(1), (0, ErrorCode.None));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition], _call.Value!.Select(static result => result.Error?.Code ?? ErrorCode.None));
    }

    [Fact]
    public void Partition_without_a_leader_is_looked_up_again_after_a_pause()
    {
        Delete(P(0), P(1));
        LookUp((0, 1), (1, -1));
        Answer(Take(1), (0, ErrorCode.None));
        Assert.Empty(_cluster.Sent);
        var before = _now;
        PassUntilSent();
        Assert.True(_now > before);
        LookUp((1, 3));
        Answer(Take(3), (1, ErrorCode.None));
        Assert.All(_call.Value!, static result => Assert.True(result.Succeeded));
    }

    [Fact]
    public void Look_up_that_can_never_succeed_ends_the_call_and_one_that_may_is_tried_again()
    {
        Delete(P(0));
        TakeLookUp().Fail(RequestFailureReason.Lost, _now);
        Poll();
        Assert.False(_call.IsAnswered);
        PassUntilSent();
        TakeLookUp().Fail(RequestFailureReason.UnsupportedVersion, _now);
        Poll();
        Assert.Equal(ErrorCode.UnsupportedVersion, Assert.Single(_call.Value!).Error!.Code);
    }

    [Fact]
    public void Refusal_behind_a_try_without_an_answer_says_that_the_try_may_have_done_it()
    {
        Start(new FixedRoute<TopicPartition>(RequestTarget.Controller), mostPerRequest: 2, P(0), P(1));
        var lost = _cluster.Take();
        lost.Read<DeleteRecordsRequest>();
        lost.Fail(RequestFailureReason.Lost, _now);
        PassUntilSent();
        Answer(_cluster.Take(), (0, ErrorCode.TopicAlreadyExists), (1, ErrorCode.None));
        Assert.Contains("an earlier try of this call had no answer, and may have done it", _call.Value![0].Error!.Message, StringComparison.Ordinal);
        Assert.True(_call.Value![1].Succeeded);
    }

    [Fact]
    public void Item_that_an_answer_leaves_out_is_asked_again()
    {
        Delete(P(0));
        LookUp((0, 1));
        Answer(Take(1));
        PassUntilSent();
        Answer(Take(1), (0, ErrorCode.None));
        Assert.True(Assert.Single(_call.Value!).Succeeded);
    }

    [Fact]
    public void At_the_deadline_each_item_says_whether_it_was_ever_sent()
    {
        Delete(P(0), P(1));
        LookUp((0, 1), (1, -1));
        // Written, and without an answer.
        Take(1).Read<DeleteRecordsRequest>();
        while (!_call.IsAnswered)
        {
            _cluster.Sent.Clear();
            _now += TimeSpan.FromSeconds(1);
            Poll();
        }
        Assert.All(_call.Value!, static result => Assert.IsType<KafkaTimeoutException>(result.Error));
        Assert.Contains("unknown", _call.Value![0].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("never sent", _call.Value![1].Error!.Message, StringComparison.Ordinal);
        Assert.Equal([true, false], _call.Value!.Select(static result => ((KafkaTimeoutException)result.Error!).WasSent));
    }

    [Fact]
    public void Item_that_stands_twice_in_a_call_is_an_error_and_is_not_asked()
    {
        Delete(P(0), P(0));
        Assert.Empty(_cluster.Sent);
        var error = Assert.Single(_call.Value!).Error!;
        Assert.Equal(ErrorCode.InvalidRequest, error.Code);
        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quota_is_waited_out_unless_that_is_not_wanted(bool waits)
    {
        Delete(waits, P(0));
        LookUp((0, 1));
        Answer(Take(1), (0, ErrorCode.ThrottlingQuotaExceeded));
        Assert.Equal(!waits, _call.IsAnswered);
        if (!waits)
        {
            Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, Assert.Single(_call.Value!).Error!.Code);
            return;
        }
        PassUntilSent();
        Answer(Take(1), (0, ErrorCode.None));
        Assert.True(Assert.Single(_call.Value!).Succeeded);
    }

    [Fact]
    public void Cancelled_call_abandons_what_it_asked()
    {
        Delete(P(0), P(1));
        LookUp((0, 1), (1, 2));
        SentRequest[] sent = [Take(1), Take(2)];
        _call.Fail(new OperationCanceledException(), _effects);
        Poll();
        Assert.All(sent, static request => Assert.True(request.Request.IsAbandoned));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Request_that_may_have_been_worked_off_is_not_sent_again_where_that_is_not_wanted(bool wasSent, bool isOver)
    {
        Start(new FixedRoute<TopicPartition>(RequestTarget.Controller), int.MaxValue, waitsForQuota: true, [P(0)], mayRepeat: false);
        _cluster.Take().Fail(wasSent ? RequestFailureReason.Lost : RequestFailureReason.NotSent, _now);
        Poll();
        Assert.Equal(isOver, _call.IsAnswered);
        if (isOver)
        {
            Assert.IsType<KafkaConnectionException>(Assert.Single(_call.Value!).Error);
            return;
        }
        PassUntilSent();
        Answer(_cluster.Take(), (0, ErrorCode.None));
        Assert.True(Assert.Single(_call.Value!).Succeeded);
    }

    [Fact]
    public void Requests_name_no_more_items_than_they_may()
    {
        Start(new FixedRoute<TopicPartition>(RequestTarget.Controller), mostPerRequest: 2, P(0), P(1), P(2));
        Assert.Equal([2, 1], _cluster.Sent.Select(request => Asked(request).Length));
    }

    [Fact]
    public void Coordinator_that_is_none_any_more_is_forgotten_and_found_again()
    {
        Start(new CoordinatorRoute<TopicPartition>(static key => CoordinatorKey.Group(key.Topic)), int.MaxValue, P(0));
        Answer(_cluster.Take(), (0, ErrorCode.NotCoordinator));
        Assert.Equal([CoordinatorKey.Group("payments")], _cluster.Forgotten);
        PassUntilSent();
        Answer(_cluster.Take(), (0, ErrorCode.None));
        Assert.True(Assert.Single(_call.Value!).Succeeded);
    }

    static TopicPartition P(int partition) => new("payments", partition);

    static int[] Asked(SentRequest request) => [.. request.Read<DeleteRecordsRequest>().Topics.SelectMany(topic => topic.Partitions).Select(partition => partition.PartitionIndex)];

    void Delete(params TopicPartition[] partitions) => Delete(true, partitions);

    void Delete(bool waitsForQuota, params TopicPartition[] partitions) => Start(
        new LeaderRoute<TopicPartition>(static key => key, What, Settings.RequestTimeout, _machine), int.MaxValue, waitsForQuota, partitions);

    void Start(AdminRoute<TopicPartition> route, int mostPerRequest, params TopicPartition[] partitions) => Start(route, mostPerRequest, true, partitions);

    void Start(AdminRoute<TopicPartition> route, int mostPerRequest, bool waitsForQuota, TopicPartition[] partitions, bool mayRepeat = true)
    {
        var items = new AdminItems<TopicPartition, long>(partitions, What) { WaitsForQuota = waitsForQuota };
        _machine.Start(new ItemInquiry<TopicPartition, long, DeleteRecordsRequest, DeleteRecordsResponse>(_call, _machine, Settings, items, route)
        {
            Request = static (_, keys) => new DeleteRecordsRequest
            {
                Topics = [new() { Name = "payments", Partitions = [.. keys.Select(static key => new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = key.Partition, Offset = 10 })] }],
            },
            Take = (answer, _, _) =>
            {
                foreach (var row in answer.Topics.SelectMany(static topic => topic.Partitions))
                    items.Take(P(row.PartitionIndex), row.ErrorCode, null, () => row.LowWatermark);
            },
            MostPerRequest = mostPerRequest,
            MayRepeat = mayRepeat,
        });
        Poll();
    }

    static string What(TopicPartition partition) => $"Records of {partition} could not be deleted";

    SentRequest Take(int node)
    {
        var request = _cluster.Sent.First(request => request.Target == RequestTarget.Broker(node));
        _cluster.Sent.Remove(request);
        return request;
    }

    SentRequest TakeLookUp()
    {
        var request = _cluster.Sent.First(static request => request.Request.ApiKey == ApiKey.Metadata);
        _cluster.Sent.Remove(request);
        return request;
    }

    /// <summary>Answers the look-up of leaders; of a topic that has these partitions.</summary>
    void LookUp(params (int Partition, int Leader)[] leaders)
    {
        var request = TakeLookUp();
        request.Answer(new MetadataResponse
        {
            Topics =
            [
                new()
                {
                    Name = "payments",
                    Partitions = [.. leaders.Select(static leader => new MetadataResponse.MetadataResponsePartition
                    {
                        PartitionIndex = leader.Partition, LeaderId = leader.Leader, ErrorCode = leader.Leader < 0 ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
                    })],
                },
                .. request.Read<MetadataRequest>().Topics!.Where(static topic => topic.Name != "payments")
                    .Select(static topic => new MetadataResponse.MetadataResponseTopic { Name = topic.Name, ErrorCode = ErrorCode.UnknownTopicOrPartition }),
            ],
        }, _now);
        Poll();
    }

    void Answer(SentRequest request, params (int Partition, ErrorCode Error)[] rows)
    {
        request.Answer(new DeleteRecordsResponse
        {
            Topics = [new() { Name = "payments", Partitions = [.. rows.Select(static row => new DeleteRecordsResponse.DeleteRecordsPartitionResult { PartitionIndex = row.Partition, ErrorCode = row.Error, LowWatermark = 10 })] }],
        }, _now);
        Poll();
    }

    void PassUntilSent()
    {
        while (_cluster.Sent.Count == 0)
        {
            _now = Poll();
            Poll();
        }
    }

    Instant Poll() => _machine.Poll(_now, _effects);
}
