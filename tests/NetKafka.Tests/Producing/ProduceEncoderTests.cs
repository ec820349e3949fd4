using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Producing;

/// <summary>The hand-written codec of Produce against the generated one.</summary>
public sealed class ProduceEncoderTests
{
    static readonly int[] RecordSizes = [1, 5_000, 9_000, 60_000];

    public static TheoryData<short> Versions()
    {
        var versions = new TheoryData<short>();
        for (var version = ProduceRequest.LowestVersion; version <= ProduceRequest.HighestVersion; version++)
            versions.Add(version);
        return versions;
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Request_is_what_the_generated_message_writes(short version) => IsAsGenerated(version, null);

    [Theory]
    [MemberData(nameof(Versions))]
    public void Request_of_a_transaction_is_what_the_generated_message_writes(short version) => IsAsGenerated(version, "txn");

    static void IsAsGenerated(short version, string? transactionalId)
    {
        var items = Items();
        var buffer = new SendBuffer(64);
        ProduceEncoder.Write(buffer, version, transactionalId, -1, 30_000, items);
        buffer.Complete();
        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);

        var generated = new ProduceRequest
        {
            TransactionalId = transactionalId,
            Acks = -1,
            TimeoutMs = 30_000,
            TopicData =
            [
                .. from item in items
                   group item by item.Batch.Queue.Topic into topic
                   select new ProduceRequest.TopicProduceData
                   {
                       Name = topic.Key.Name,
                       TopicId = topic.Key.Id,
                       PartitionData =
                       [
                           .. topic.Select(item => new ProduceRequest.PartitionProduceData
                           {
                               Index = item.Batch.Queue.Partition,
                               Records = item.Batch.Bytes.AsMemory(),
                           }),
                       ],
                   },
            ],
        };
        var writer = new KafkaWriter();
        generated.Write(writer, version);
        Assert.Equal(writer.WrittenSpan, segments.SelectMany(segment => segment).ToArray());
        // Large batches are lent, small ones copied.
        Assert.Equal(items.ToArray().Where(item => item.Batch.Bytes.Count >= ProduceEncoder.SmallestBorrowed).Sum(item => (long)item.Batch.Bytes.Count), buffer.BorrowedBytes);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Answer_is_read_as_the_generated_message_wrote_it(short version)
    {
        var items = Items();
        var rows = items.Select((item, i) => new ProduceResponse.PartitionProduceResponse
        {
            Index = item.Batch.Queue.Partition,
            ErrorCode = i == 1 ? ErrorCode.NotLeaderOrFollower : i == 2 ? ErrorCode.InvalidRecord : ErrorCode.None,
            BaseOffset = 100 + i,
            LogAppendTimeMs = 200 + i,
            LogStartOffset = 300 + i,
            ErrorMessage = version >= 8 && i == 2 ? "no key" : null,
            RecordErrors = version >= 8 && i == 2 ? [new() { BatchIndex = 0, BatchIndexErrorMessage = "key wanted" }] : [],
        }).ToList();
        if (version >= 10)
            rows[1].CurrentLeader = new() { LeaderId = 2, LeaderEpoch = 9 };
        var response = new ProduceResponse
        {
            ThrottleTimeMs = 77,
            Responses =
            [
                .. rows.Select((row, i) => (row, items[i].Batch.Queue.Topic)).GroupBy(pair => pair.Topic).Reverse().Select(topic => new ProduceResponse.TopicProduceResponse
                {
                    Name = topic.Key.Name,
                    TopicId = topic.Key.Id,
                    PartitionResponses = [.. topic.Select(pair => pair.row).Reverse()],
                }),
            ],
        };
        if (version >= 10)
            response.NodeEndpoints = [new() { NodeId = 2, Host = "b", Port = 9093, Rack = "r" }];
        var writer = new KafkaWriter();
        response.Write(writer, version);

        var throttleMs = ProduceDecoder.Read(writer.WrittenMemory, version, items, out var endpoints);

        Assert.Equal(77, throttleMs);
        Assert.Equal(version >= 10 ? [new NodeEndpoint(2, "b", 9093, "r")] : null, endpoints);
        for (var i = 0; i < items.Length; i++)
        {
            Assert.True(items[i].IsAnswered);
            Assert.Equal(rows[i].ErrorCode, items[i].Error);
            Assert.Equal((100 + i, 200 + i), (items[i].BaseOffset, items[i].LogAppendTimeMs));
            Assert.Equal(version >= 5 ? 300 + i : -1, items[i].LogStartOffset);
            Assert.Equal(version >= 10 && i == 1 ? (2, 9) : (-1, -1), (items[i].LeaderId, items[i].LeaderEpoch));
        }
        Assert.Equal(version >= 8 ? "no key" : null, items[2].Message);
        Assert.Equal(version >= 8 ? "key wanted" : null, items[2].RecordMessages?[0]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Answer_that_is_cut_or_names_strangers_is_no_surprise(short version)
    {
        var items = Items();
        var response = new ProduceResponse
        {
            Responses = [new() { Name = "stranger", TopicId = Guid.Parse("00000000-0000-0000-0000-0000000000ff"), PartitionResponses = [new() { Index = 99 }] }],
        };
        var writer = new KafkaWriter();
        response.Write(writer, version);
        ProduceDecoder.Read(writer.WrittenMemory, version, items, out _);
        Assert.All(items, item => Assert.False(item.IsAnswered));
        for (var length = 0; length < writer.Length; length++)
        {
            var cut = writer.WrittenMemory[..length];
            Assert.Throws<MalformedMessageException>(() => ProduceDecoder.Read(cut, version, items, out _));
        }
    }

    [Fact]
    public void Topic_without_an_id_is_named_and_zstd_needs_a_broker_that_reads_it()
    {
        var bench = new ProducerBench().WithTopic("t", hasId: false).WithId();
        bench.Send("t", "a");
        Assert.Equal(12, Assert.Single(bench.Cluster.Sent).Request.HighestVersion);
        Assert.Equal("t", bench.Take().Only.Topic);
        bench = new ProducerBench(new() { Linger = TimeSpan.Zero, Compression = Protocol.Compression.CompressionCodec.Zstd }).WithTopic("t").WithId();
        bench.Send("t", "a");
        Assert.Equal((7, 13), (Assert.Single(bench.Cluster.Sent).Request.LowestVersion, bench.Cluster.Sent[0].Request.HighestVersion));
    }

    static ProduceItem[] Items()
    {
        var bench = new ProducerBench(new() { BatchSize = 0 });
        bench.Show("a", 2);
        bench.Show("bb", 3);
        var items = new List<ProduceItem>();
        foreach (var (topic, partition) in new[] { ("a", 0), ("a", 1), ("bb", 0), ("bb", 2) })
        {
            var owner = bench.Accumulator.GetTopic(topic);
            owner.Learn(bench.Cluster.View.Topics[topic], bench.Cluster.View.Brokers, null, bench);
            bench.Append(topic, new string('x', RecordSizes[items.Count]), partition);
            lock (owner.Partitions!.All[partition].Gate)
                items.Add(new ProduceItem { Batch = owner.Partitions.All[partition].PeekSealed()!, TopicId = owner.Id });
        }
        return [.. items];
    }
}
