using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>A topic is deleted and created anew under its name while it is read, by hand-made time.</summary>
public sealed class RecreatedTopicTests
{
    static readonly Guid NewId = new(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);

    SentRequest? _parked;

    ConsumerHarness Reading(Action<ConsumerOptions>? configure = null)
    {
        var it = new ConsumerHarness(configure, isSubscribed: false, partitions: 1);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), 57)], call));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(57, 3))));
        _parked = it.Take(ApiKey.Fetch);
        Assert.Equal(3, it.ReadAll().Count);
        return it;
    }

    /// <summary>The new topic's leader has a lower epoch than the old one's had.</summary>
    void Recreate(ConsumerHarness it)
    {
        it.ShowTopic(1, 0, NewId);
        it.Turn();
        it.Answer(_parked!, Fetched(7, (0, ErrorCode.UnknownTopicId, [])));
    }

    static (long Timestamp, int Epoch) Listed(SentRequest request)
    {
        var asked = request.Read<ListOffsetsRequest>().Topics.Single().Partitions.Single();
        return (asked.Timestamp, asked.CurrentLeaderEpoch);
    }

    static ListOffsetsResponse Listed(long offset) =>
        new() { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = offset, LeaderEpoch = 0 }] }] };

    static (Guid TopicId, long Offset) Asked(SentRequest request)
    {
        var topic = request.Read<FetchRequest>().Topics.Single();
        return (topic.TopicId, topic.Partitions.Single().FetchOffset);
    }

    [Theory]
    [InlineData("earliest")]
    [InlineData("latest")]
    public void New_topic_is_read_from_its_beginning_wherever_a_new_group_begins(string rule)
    {
        var it = Reading(options => options.AutoOffsetReset = rule == "latest" ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest);
        Recreate(it);
        var question = it.Take(ApiKey.ListOffsets);
        Assert.Equal((AssignedPartition.LookupEarliest, 0), Listed(question));
        it.Answer(question, Listed(0));
        Assert.Equal((NewId, 0), Asked(it.Take(ApiKey.Fetch)));
    }

    [Fact]
    public void Application_that_wants_no_reset_is_told()
    {
        var it = Reading(options => options.AutoOffsetReset = AutoOffsetReset.None);
        Recreate(it);
        Assert.Equal(0, it.Count(ApiKey.ListOffsets) + it.Count(ApiKey.Fetch));
        Assert.Equal(P(0), Assert.Throws<KafkaPositionException>(() => it.ReadAll()).Partition);
    }

    /// <summary>A broker that lags behind tells of the old topic still.</summary>
    [Fact]
    public void Topic_that_another_has_followed_does_not_come_back_once_that_was_read()
    {
        var it = Reading();
        Recreate(it);
        it.Answer(it.Take(ApiKey.ListOffsets), Listed(0));
        var fetched = Fetched(7, (0, ErrorCode.None, Batch(0, 2, epoch: 0)));
        fetched.Responses[0].TopicId = NewId;
        it.Answer(it.Take(ApiKey.Fetch), fetched);
        it.ShowTopic(1, 5);
        it.Turn();
        Assert.Equal(0, it.Count(ApiKey.ListOffsets));
        Assert.Equal(2, it.ReadAll().Count);
    }

    [Fact]
    public void Committed_offset_that_nothing_was_read_from_is_asked_for_again()
    {
        var it = new ConsumerHarness(partitions: 1);
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(57);
        _parked = it.Take(ApiKey.Fetch);
        Recreate(it);
        it.GiveCommitted(12);
        Assert.Equal((NewId, 12), Asked(it.Take(ApiKey.Fetch)));
    }

    [Fact]
    public void Offset_is_committed_for_the_topic_of_its_id_and_not_for_the_one_that_followed()
    {
        var it = Reading();
        it.Call((call, effects) => it.Machine.Commit([new TopicPartitionOffset(P(0), 58)], call, effects));
        var waiting = it.Call((call, effects) => it.Machine.Commit([new TopicPartitionOffset(P(0), 60)], call, effects));
        var commit = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(TopicId, commit.Read<OffsetCommitRequest>().Topics.Single().TopicId);
        Recreate(it);
        it.Answer(commit, new OffsetCommitResponse
        {
            Topics = [new() { TopicId = TopicId, Partitions = [new() { PartitionIndex = 0, ErrorCode = ErrorCode.UnknownTopicId }] }],
        });
        it.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
        Assert.Equal(ErrorCode.UnknownTopicId, ((KafkaException)waiting.Failure!).Code);
    }

    /// <summary>The coordinator has given the partition of the old topic; it will be told to whom it gives the new one's.</summary>
    [Fact]
    public void Member_of_the_consumer_protocol_waits_to_be_given_the_new_topics_partition()
    {
        var it = new ConsumerHarness(options => options.GroupProtocol = GroupProtocol.Consumer, partitions: 1);
        it.Wait();
        it.Answer(it.Take(ApiKey.ConsumerGroupHeartbeat), Given(1, TopicId));
        it.GiveCommitted(57);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(57, 1))));
        _parked = it.Take(ApiKey.Fetch);
        it.ReadAll();
        Recreate(it);
        Assert.Equal(0, it.Count(ApiKey.Fetch) + it.Count(ApiKey.OffsetFetch) + it.Count(ApiKey.ListOffsets));
        Assert.Null(it.Take(ApiKey.ConsumerGroupHeartbeat).Read<ConsumerGroupHeartbeatRequest>().SubscribedTopicNames);
    }

    static ConsumerGroupHeartbeatResponse Given(int epoch, Guid topic) => new()
    {
        MemberId = "m", MemberEpoch = epoch, HeartbeatIntervalMs = 5_000, Assignment = new() { TopicPartitions = [new() { TopicId = topic, Partitions = [0] }] },
    };
}
