using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>One who waits for records that cannot come is told so after DefaultApiTimeout, and may wait again.</summary>
public sealed class ReadingProspectTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    static ConsumerHarness Unreached()
    {
        var it = new ConsumerHarness();
        it.Cluster.Show(ClusterView.Empty);
        it.Cluster.LastFailure = new RequestFailure(RequestFailureReason.NotSent, "far-away:9092", "far-away:9092 refused the connection");
        return it;
    }

    [Fact]
    public void Reader_is_told_that_no_broker_was_ever_reached_and_may_wait_again()
    {
        var it = Unreached();
        for (var again = 0; again < 2; again++)
        {
            var waiting = it.Wait();
            it.Pass(Patience - Moment);
            Assert.False(waiting.IsAnswered);

            it.Pass(Moment);

            Assert.True(waiting.Value);
            var error = Assert.Throws<KafkaTimeoutException>(() => it.ReadAll());
            Assert.Equal(("metadata", "far-away:9092", true, false), (error.Stage, error.Broker, error.IsRetriable, error.IsFatal));
            Assert.Contains("far-away:9092 refused the connection", error.Message, StringComparison.Ordinal);
            Assert.Empty(it.ReadAll());
        }
    }

    [Fact]
    public void Reader_is_told_that_none_of_its_topics_exists()
    {
        var it = new ConsumerHarness();
        it.ShowTopic(0, 0, error: ErrorCode.UnknownTopicOrPartition);
        var waiting = it.Wait();

        it.Pass(Patience);

        Assert.True(waiting.Value);
        var error = Assert.Throws<KafkaTimeoutException>(() => it.ReadAll());
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, error.Code);
        Assert.Contains($"'{Topic}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(0, 0)]
    public void Reader_is_told_that_the_partition_assigned_by_hand_does_not_exist(int partitions, int asked)
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.ShowTopic(partitions, 5, error: partitions == 0 ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(asked), 0)], call));
        var waiting = it.Wait();

        it.Pass(Patience);

        Assert.True(waiting.Value);
        var error = Assert.Throws<KafkaTimeoutException>(() => it.ReadAll());
        Assert.Contains($"{P(asked)}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_topic_or_partition_that_exists_is_enough_to_wait_without_an_end()
    {
        var group = new ConsumerHarness(options => options.Topics = [Topic, "missing"]);
        var byHand = new ConsumerHarness(isSubscribed: false);
        byHand.Call((call, _) => byHand.Machine.Assign([new(P(0), 0), new(P(9), 0)], call));
        foreach (var it in new[] { group, byHand })
        {
            var waiting = it.Wait();

            it.Pass(Patience);
            it.Pass(Patience);

            Assert.False(waiting.IsAnswered);
        }
    }

    [Fact]
    public void Topic_that_comes_in_time_gives_its_reader_the_whole_patience_anew()
    {
        var it = new ConsumerHarness();
        it.ShowTopic(0, 0, error: ErrorCode.UnknownTopicOrPartition);
        var waiting = it.Wait();
        it.Pass(Patience - Moment);
        it.ShowTopic(2, 5);
        it.Pass(Moment);
        it.ShowTopic(0, 0, error: ErrorCode.UnknownTopicOrPartition);
        it.Turn();

        it.Pass(Patience - Moment);

        Assert.False(waiting.IsAnswered);
    }

    [Fact]
    public void Brokers_that_were_reached_once_are_waited_for()
    {
        var it = new ConsumerHarness();
        it.Cluster.LastFailure = new RequestFailure(RequestFailureReason.Lost, "one:9092", "one:9092 closed the connection");
        var waiting = it.Wait();

        it.Pass(Patience);
        it.Pass(Patience);

        Assert.False(waiting.IsAnswered);
    }
}
