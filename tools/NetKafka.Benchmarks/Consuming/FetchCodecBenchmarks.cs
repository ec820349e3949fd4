using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Benchmarks.Consuming;

/// <summary>
/// One Fetch request that names all its partitions, and its answer with 16 KiB of each. The floors are one copy of the
/// request, and one of the answer without its records, which are left where they lie.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class FetchCodecBenchmarks
{
    const short Version = 17;
    const int RecordBytes = 16 * 1024;

    static readonly Guid TopicId = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    readonly FetchPlan _plan = new() { MaxWaitMs = 500, MinBytes = 1, MaxBytes = 50 * 1024 * 1024, UsesTopicIds = true };
    readonly KafkaWriter _writer = new(64 * 1024);
    readonly List<BrokerView> _endpoints = [];
    byte[] _request = [];
    byte[] _answer = [];
    byte[] _target = [];
    int _controlBytes;

    [Params(6, 100)]
    public int Partitions { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < Partitions; i++)
            _plan.All.Add(new FetchTarget(new FetchSlot(new TopicPartition("payments", i)), null, 0, TopicId, 1000 + i, 5, 1024 * 1024));
        Encode();
        _request = _writer.WrittenSpan.ToArray();
        var answer = new KafkaWriter();
        new FetchResponse
        {
            SessionId = 7,
            Responses =
            [
                new()
                {
                    TopicId = TopicId,
                    Partitions =
                    [
                        .. Enumerable.Range(0, Partitions).Select(index => new FetchResponse.PartitionData
                        {
                            PartitionIndex = index,
                            AbortedTransactions = null,
                            Records = new byte[RecordBytes],
                        }),
                    ],
                },
            ],
        }.Write(answer, Version);
        _answer = answer.WrittenSpan.ToArray();
        _controlBytes = _answer.Length - (Partitions * RecordBytes);
        _target = new byte[Math.Max(_request.Length, _controlBytes)];
    }

    [BenchmarkCategory("Request"), Benchmark(Baseline = true)]
    public void FloorOfRequest() => _request.CopyTo(_target, 0);

    [BenchmarkCategory("Request"), Benchmark]
    public int Encode()
    {
        _writer.Reset();
        FetchEncoder.Write(_writer, _plan, Version);
        return _writer.Length;
    }

    [BenchmarkCategory("Answer"), Benchmark(Baseline = true)]
    public void FloorOfAnswer() => _answer.AsSpan(0, _controlBytes).CopyTo(_target);

    [BenchmarkCategory("Answer"), Benchmark]
    public long Decode()
    {
        var decoder = new FetchDecoder(_answer, Version);
        var bytes = 0L;
        while (decoder.NextTopic(out _, out _))
        {
            while (decoder.NextPartition(out var row))
                bytes += row.Records.Length;
        }
        decoder.ReadEnd(_endpoints);
        return bytes;
    }
}
