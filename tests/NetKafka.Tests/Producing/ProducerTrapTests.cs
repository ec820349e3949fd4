using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <summary>What producers of other clients got wrong, by hand-made time and answers.</summary>
public sealed class ProducerTrapTests
{
    [Fact]
    public void Partition_that_waits_behind_a_silent_broker_goes_to_its_new_leader_at_once()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, MaxInFlight = 1 }).WithTopic("t", 2, static _ => 1).WithId();
        bench.Send("t", "a", 0);
        bench.Send("t", "b", 1);
        Assert.Equal(1, bench.WaitingRequests);
        bench.Show("t", 2, static partition => partition == 1 ? 2 : 1);
        bench.Turn();
        Assert.Equal(["b"], bench.TakeOf(2)!.Only.Values);
    }

    [Fact]
    public void Partition_that_lingers_goes_to_its_new_leader()
    {
        var linger = TimeSpan.FromMilliseconds(5);
        var bench = new ProducerBench(new ProducerOptions { Linger = linger }).WithTopic("t", 1, static _ => 1).WithId();
        bench.Append("t", "a");
        bench.Turn();
        bench.Show("t", 1, static _ => 2);
        bench.Turn();
        Assert.Equal(0, bench.WaitingRequests);
        bench.Advance(linger);
        Assert.Equal(["a"], bench.TakeOf(2)!.Only.Values);
    }

    [Fact]
    public void Leader_that_no_view_knows_is_reached_where_the_answer_says()
    {
        var bench = new ProducerBench().WithTopic("t", 3).WithId();
        bench.Send("t", "a");
        var request = bench.TakeRequest(ApiKey.Produce);
        var topic = request.Read<ProduceRequest>().TopicData.Single();
        bench.Answer(request, new ProduceResponse
        {
            Responses =
            [
                new()
                {
                    TopicId = topic.TopicId,
                    PartitionResponses =
                    [
                        new() { ErrorCode = ErrorCode.NotLeaderOrFollower, BaseOffset = -1, CurrentLeader = new() { LeaderId = 4, LeaderEpoch = 1000 } },
                    ],
                },
            ],
            NodeEndpoints = [new() { NodeId = 4, Host = "four", Port = 9096 }],
        });
        Assert.Equal(("four", 9096), (bench.Cluster.View.Brokers[4].Host, bench.Cluster.View.Brokers[4].Port));
        Assert.Equal(4, bench.Take().NodeId);
    }

    [Fact]
    public void Pauses_between_attempts_grow()
    {
        var bench = new ProducerBench(longestBackoff: TimeSpan.FromSeconds(1)).WithTopic("t").WithId();
        bench.Send("t", "a");
        foreach (var expected in new[] { 100, 200, 400, 800 })
        {
            bench.Take().Answer(bench.Now, ErrorCode.NotEnoughReplicas);
            bench.Turn();
            Assert.InRange((bench.NextDeadline - bench.Now).TotalMilliseconds, 0.79 * expected, 1.21 * expected);
            bench.Advance(bench.NextDeadline - bench.Now);
        }
    }

    [Fact]
    public void Records_without_keys_that_each_have_a_batch_to_themselves_are_spread()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 0 }).WithTopic("t", 4).WithId();
        for (var i = 0; i < 100; i++)
            bench.Append("t", "x", partition: -1);
        bench.Turn();
        var batches = bench.Drain();
        Assert.Equal(100, batches.Count);
        Assert.All(batches, static batch => Assert.Single(batch.Values));
        Assert.Equal([0, 1, 2, 3], batches.Select(static batch => batch.Partition).Distinct().Order());
        bench.AssertNothingHeld();
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip, 1, 9)]
    [InlineData(CompressionCodec.Lz4, 1, 12)]
    [InlineData(CompressionCodec.Zstd, 1, 19)]
    public void Level_of_compression_reaches_the_batch(CompressionCodec codec, int fast, int small) =>
        Assert.True(PackedBytes(codec, small) < PackedBytes(codec, fast));

    [Theory]
    [InlineData(Acks.None, 0)]
    [InlineData(Acks.Leader, 1)]
    [InlineData(Acks.All, -1)]
    public void Request_asks_for_the_acknowledgements_that_are_wanted(Acks acks, short expected)
    {
        var options = new ProducerOptions { Linger = TimeSpan.Zero, Acks = acks, EnableIdempotence = false, RequestTimeout = TimeSpan.FromSeconds(7) };
        var bench = new ProducerBench(options).WithTopic("t");
        bench.Send("t", "a");
        var body = bench.Take().Body;
        Assert.Equal((expected, 7000), (body.Acks, body.TimeoutMs));
    }

    [Fact]
    public void Partition_that_is_asked_for_and_comes_into_being_ends_the_wait()
    {
        var bench = new ProducerBench().WithTopic("t", 3);
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnTopicWanted(new TopicWait(bench.Accumulator.GetTopic("t"), 5, call));
        bench.Turn();
        Assert.Equal(1, bench.Cluster.Refreshes);
        Assert.False(call.IsAnswered);
        bench.Show("t", 6);
        bench.Turn();
        Assert.True(call.Value);
    }

    [Fact]
    public void Sequence_that_wraps_inside_of_a_batch_goes_on_behind_it()
    {
        var linger = TimeSpan.FromMilliseconds(5);
        var bench = new ProducerBench(new ProducerOptions { Linger = linger }).WithTopic("t").WithId();
        bench.Accumulator.GetTopic("t").Partitions!.All[0].Sequence.Restart(new ProducerStamp(ProducerBench.Pid, 0), int.MaxValue - 1);
        for (var i = 0; i < 3; i++)
            bench.Append("t", "x");
        bench.Turn();
        bench.Advance(linger);
        var first = bench.Take();
        Assert.Equal(int.MaxValue - 1, first.Only.Sequence);
        first.Fail(RequestFailureReason.Lost, bench.Now);
        bench.Turn();
        bench.PassBackoff();
        var again = bench.Take();
        Assert.Equal(first.Only.Bytes, again.Only.Bytes);
        again.Answer(bench.Now);
        bench.Turn();
        bench.Append("t", "y");
        bench.Turn();
        bench.Advance(linger);
        Assert.Equal(1, bench.Take().Only.Sequence);
    }

    [Theory]
    [InlineData(0, ErrorCode.UnknownTopicOrPartition)]
    [InlineData(1, ErrorCode.LeaderNotAvailable)]
    public void Topic_that_metadata_tells_in_error_goes_on_with_its_numbers(int partitions, ErrorCode error)
    {
        var bench = new ProducerBench().WithTopic("t").WithId();
        bench.Send("t", "a");
        bench.Drain();
        bench.Show("t", partitions, error: error);
        bench.Turn();
        bench.Show("t");
        bench.Turn();
        bench.Send("t", "b");
        Assert.Equal(1, bench.Take().Only.Sequence);
    }

    [Fact]
    public void Request_with_a_topic_whose_id_is_not_known_names_all_by_name()
    {
        var linger = TimeSpan.FromMilliseconds(5);
        var bench = new ProducerBench(new ProducerOptions { Linger = linger }).WithTopic("a", 1, static _ => 1).WithTopic("b", 1, static _ => 1, hasId: false).WithId();
        bench.Append("a", "x");
        bench.Append("b", "x");
        bench.Turn();
        bench.Advance(linger);
        var request = bench.TakeRequest(ApiKey.Produce);
        Assert.Equal(12, request.Version);
        Assert.Equal(["a", "b"], request.Read<ProduceRequest>().TopicData.Select(static topic => topic.Name).Order());
    }

    [Fact]
    public void Brokers_that_know_no_topic_ids_are_told_names()
    {
        var bench = new ProducerBench().WithTopic("t").WithId();
        bench.Cluster.MaxVersion = 12;
        bench.Send("t", "x");
        Assert.Equal("t", bench.TakeRequest(ApiKey.Produce).Read<ProduceRequest>().TopicData.Single().Name);
    }

    static int PackedBytes(CompressionCodec codec, int level)
    {
        var linger = TimeSpan.FromMilliseconds(5);
        var options = new ProducerOptions { Linger = linger, BatchSize = 256 * 1024, Compression = codec, CompressionLevel = level };
        var bench = new ProducerBench(options).WithTopic("t").WithId();
        for (var i = 0; i < 1000; i++)
            bench.Append("t", $"{{\"id\":{i * 7919 % 1000},\"name\":\"customer {i * 31 % 97}\",\"amount\":{i * 13 % 1009},\"note\":\"paid {i % 11} of {i % 13}\"}}");
        bench.Turn();
        bench.Advance(linger);
        return bench.Take().Only.Bytes.Length;
    }
}
