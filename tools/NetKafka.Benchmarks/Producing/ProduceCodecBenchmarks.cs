using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Benchmarks.Producing;

/// <summary>
/// One Produce request and its answer. The floors are one copy of the bytes that the encoder writes by itself (batches of
/// 64 KiB are lent, those of 1 KiB copied), and one copy of the answer.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ProduceCodecBenchmarks
{
    const short Version = 13;

    readonly SendBuffer _buffer = new(1024 * 1024);
    ProduceItem[] _items = [];
    byte[] _request = [];
    byte[] _answer = [];
    byte[] _target = [];

    [Params(6, 100)]
    public int Partitions { get; set; }

    [Params(1024, 64 * 1024)]
    public int BatchBytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var host = new DrainingHost(batchBytes: 0) { IsKeeping = true };
        var queues = host.Learn("payments", Partitions);
        var value = new byte[BatchBytes - 100];
        _items = [.. queues.Select(queue => new ProduceItem { Batch = SealOne(host, queue, value) })];
        Encode();
        _request = _buffer.Writer.WrittenSpan.ToArray();
        var answer = new KafkaWriter();
        new ProduceResponse
        {
            Responses =
            [
                new()
                {
                    TopicId = queues[0].Topic.Id,
                    PartitionResponses = [.. queues.Select(queue => new ProduceResponse.PartitionProduceResponse { Index = queue.Partition })],
                },
            ],
        }.Write(answer, Version);
        _answer = answer.WrittenSpan.ToArray();
        _target = new byte[Math.Max(_request.Length, _answer.Length)];
    }

    [BenchmarkCategory("Request"), Benchmark(Baseline = true)]
    public void FloorOfRequest() => _request.CopyTo(_target, 0);

    [BenchmarkCategory("Request"), Benchmark]
    public long Encode()
    {
        _buffer.Reset();
        ProduceEncoder.Write(_buffer, Version, null, -1, 30_000, _items);
        _buffer.Complete();
        return _buffer.TotalBytes;
    }

    [BenchmarkCategory("Answer"), Benchmark(Baseline = true)]
    public void FloorOfAnswer() => _answer.CopyTo(_target, 0);

    [BenchmarkCategory("Answer"), Benchmark]
    public int Decode() => ProduceDecoder.Read(_answer, Version, _items, out _);

    static ProduceBatch SealOne(DrainingHost host, PartitionQueue queue, byte[] value)
    {
        host.Accumulator.TryAppend(new RecordData("payments", queue.Partition, 0, default, true, value, false, default), default, false, out _);
        lock (queue.Gate)
            return queue.PeekSealed() ?? throw new InvalidOperationException("A batch of no bytes is full with its first record.");
    }
}
