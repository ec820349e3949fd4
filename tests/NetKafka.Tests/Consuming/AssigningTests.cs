using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>Partitions that come and go one by one, by hand-made time.</summary>
public sealed class AssigningTests
{
    readonly ConsumerHarness _it = new(options => (options.GroupId, options.AutoOffsetReset) = (null, AutoOffsetReset.Latest), isSubscribed: false, partitions: 3);

    static int[] Changed(FetchRequest request) => [.. request.Topics.SelectMany(topic => topic.Partitions).Select(partition => partition.Partition).Order()];

    static List<(int Partition, long Timestamp)> Asked(SentRequest request) =>
        [.. request.Read<ListOffsetsRequest>().Topics[0].Partitions.Select(row => (row.PartitionIndex, row.Timestamp)).Order()];

    static ListOffsetsResponse Listed(params (int Partition, long Offset)[] rows) => new()
    {
        Topics = [new() { Name = Topic, Partitions = [.. rows.Select(row => new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = row.Partition, Offset = row.Offset, LeaderEpoch = 5 })] }],
    };

    [Fact]
    public void Partition_that_is_added_changes_neither_session_nor_position_of_the_others()
    {
        _it.Call((call, _) => _it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));
        _it.Answer(_it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        Assert.True(_it.Reader.TryNext(out _));
        var parked = _it.Take(ApiKey.Fetch);
        _it.Call((call, _) => _it.Machine.AssignMore([new PartitionStart(P(1), new TopicPartitionOffset(P(1), 40))], call));
        _it.Answer(parked, Fetched(7));
        var next = _it.Take(ApiKey.Fetch).Read<FetchRequest>();
        Assert.Equal((7, 2), (next.SessionId, next.SessionEpoch));
        Assert.Equal([1], Changed(next));
        Assert.Equal(["0@1=1", "0@2=2"], _it.ReadAll());
    }

    [Fact]
    public void Partition_that_is_assigned_already_goes_on_unless_a_place_is_named()
    {
        _it.Call((call, _) => _it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));
        _it.Answer(_it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        _it.Call((call, _) => _it.Machine.AssignMore([new PartitionStart(P(0))], call));
        Assert.Equal(3, _it.ReadAll().Count);
        _it.Call((call, _) => _it.Machine.AssignMore([new PartitionStart(P(0), new TopicPartitionOffset(P(0), 1))], call));
        Assert.Equal(1, _it.Queue.PositionOf(_it.Assignment.Snapshot[0]).Offset);
    }

    [Fact]
    public void Partition_that_is_taken_away_is_forgotten_by_the_session_and_waits_for_the_record_in_hand()
    {
        _it.Call((call, _) => _it.Machine.Assign([new TopicPartitionOffset(P(0), 0), new TopicPartitionOffset(P(1), 0)], call));
        _it.Answer(_it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3)), (1, ErrorCode.None, Batch(0, 1))));
        Assert.True(_it.Reader.TryNext(out _));
        var parked = _it.Take(ApiKey.Fetch);
        var gone = _it.Call((call, _) => _it.Machine.Unassign([P(0)], call));
        Assert.False(gone.IsAnswered);
        Assert.Equal(["1@0=0"], _it.ReadAll());
        _it.Turn();
        Assert.True(gone.Value);
        _it.Answer(parked, Fetched(7));
        var next = _it.Take(ApiKey.Fetch).Read<FetchRequest>();
        Assert.Equal([0], next.ForgottenTopicsData.Single().Partitions);
    }

    [Fact]
    public void Topic_is_read_from_its_end_and_what_is_added_to_it_from_its_beginning()
    {
        _it.Call((call, _) => _it.Machine.AssignTopics(new Dictionary<string, int> { [Topic] = 3 }, AssignedPartition.LookupLatest, call));
        var lookup = _it.Take(ApiKey.ListOffsets);
        Assert.Equal([(0, -1L), (1, -1L), (2, -1L)], Asked(lookup));
        _it.Answer(lookup, Listed((0, 10), (1, 20), (2, 30)));
        _it.ShowTopic(4, 5);
        _it.Turn();
        Assert.Equal([(3, -2L)], Asked(_it.Take(ApiKey.ListOffsets)));
        Assert.Equal(4, _it.Assignment.Snapshot.Length);
    }

    [Fact]
    public void Topic_is_followed_no_longer_once_all_of_it_was_taken_away()
    {
        _it.Call((call, _) => _it.Machine.AssignTopics(new Dictionary<string, int> { [Topic] = 3 }, AssignedPartition.LookupLatest, call));
        _it.Call((call, _) => _it.Machine.Unassign([P(0), P(1), P(2)], call));
        _it.ShowTopic(4, 5);
        _it.Turn();
        Assert.Empty(_it.Assignment.Snapshot);
    }

    [Fact]
    public void Partitions_of_a_topic_are_told_once_they_are_known_and_a_missing_one_by_the_deadline()
    {
        var known = new TestCall<Internal.Cluster.ClusterView>(_it.Now + TimeSpan.FromSeconds(60));
        _it.Machine.QueryTopic(Topic, known);
        var missing = new TestCall<Internal.Cluster.ClusterView>(_it.Now + TimeSpan.FromSeconds(60));
        _it.Machine.QueryTopic("missing", missing);
        _it.Turn();
        Assert.Equal(3, known.Value.Topics[Topic].Partitions.Length);
        Assert.False(missing.IsAnswered);
        _it.Pass(TimeSpan.FromSeconds(60));
        Assert.IsType<KafkaTimeoutException>(missing.Failure);
    }

    /// <summary>Between the question for its partitions and their assignment nobody keeps a topic in the view.</summary>
    [Fact]
    public void Topic_that_the_view_has_dropped_meanwhile_is_assigned_as_it_was_told_of()
    {
        var it = new ConsumerHarness(options => options.GroupId = null, isSubscribed: false);
        it.Cluster.Show(it.Cluster.View with { Topics = new Dictionary<string, NetKafka.Internal.Cluster.TopicView>() });
        it.Call((call, _) => it.Machine.AssignTopics(new Dictionary<string, int> { [Topic] = 2 }, -2, call));
        Assert.Equal([P(0), P(1)], it.Assignment.Snapshot.Select(static partition => partition.Partition));
        Assert.Contains(Topic, it.Cluster.Watched);

        it.ShowTopic(3, 5);
        it.Turn();
        Assert.Equal([P(0), P(1), P(2)], it.Assignment.Snapshot.Select(static partition => partition.Partition));
    }
}
