using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using NetKafka.Protocol.Hashing;
using NetKafka.Protocol.Records;

namespace NetKafka.Benchmarks.Records;

/// <summary>
/// One record: appended to a batch, sealing included, and read from one. The floors are one copy of the value, and the sum of
/// the batch's bytes, which reads each of them once.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class RecordBenchmarks
{
    const int BatchCapacity = 256 * 1024;
    const int RecordsPerCall = 1000;

    readonly byte[] _slab = new byte[BatchCapacity];
    readonly byte[] _key = "Alice-of-payment"u8.ToArray();
    readonly Header[] _headers = [new("traceparent", new byte[55])];
    readonly RecordBatchWriter _writer = new();
    byte[] _value = [];
    byte[] _batch = [];
    RecordBatchHeader _header;

    [Params(10, 100, 1024)]
    public int ValueBytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _value = new byte[ValueBytes];
        var slab = new byte[RecordsPerCall * (ValueBytes + 40)];
        _writer.Begin(slab, 0, slab.Length);
        for (int i = 0; i < RecordsPerCall; i++) _writer.TryAppend(1_700_000_000_000 + (i / 10), _key, false, _value, false);
        _batch = [.. _writer.Seal()];
        RecordBatchHeader.TryRead(_batch, 0, out _header);
        _writer.Begin(_slab, 0, BatchCapacity);
    }

    [BenchmarkCategory("Append"), Benchmark(Baseline = true, OperationsPerInvoke = RecordsPerCall)]
    public void FloorOfCopy()
    {
        var used = 0;
        for (int i = 0; i < RecordsPerCall; i++)
        {
            if (used + _value.Length > BatchCapacity) used = 0;
            _value.CopyTo(_slab.AsSpan(used));
            used += _value.Length;
        }
    }

    [BenchmarkCategory("Append"), Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public int Append()
    {
        for (int i = 0; i < RecordsPerCall; i++)
            if (!_writer.TryAppend(1_700_000_000_000 + (i / 10), default, true, _value, false)) _writer.Reset();
        return _writer.Count;
    }

    [BenchmarkCategory("Append"), Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public int AppendAndSeal()
    {
        for (int i = 0; i < RecordsPerCall; i++)
            if (!_writer.TryAppend(1_700_000_000_000 + (i / 10), default, true, _value, false)) SealAndReset();
        return _writer.Count;
    }

    [BenchmarkCategory("Append"), Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public int AppendWithKey()
    {
        for (int i = 0; i < RecordsPerCall; i++)
            if (!_writer.TryAppend(1_700_000_000_000 + (i / 10), _key, false, _value, false)) _writer.Reset();
        return _writer.Count;
    }

    [BenchmarkCategory("Append"), Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public int AppendWithHeader()
    {
        for (int i = 0; i < RecordsPerCall; i++)
            if (!_writer.TryAppend(1_700_000_000_000 + (i / 10), _key, false, _value, false, _headers)) _writer.Reset();
        return _writer.Count;
    }

    [BenchmarkCategory("Walk"), Benchmark(Baseline = true, OperationsPerInvoke = RecordsPerCall)]
    public uint FloorOfCrc() => Crc32C.Compute(_batch);

    [BenchmarkCategory("Walk"), Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public long Walk()
    {
        long sum = 0;
        foreach (RecordView record in RecordBatchReader.Records(_header, _batch.AsSpan(RecordBatchWriter.HeaderSize)))
            sum += record.Offset + record.Value.Length;
        return sum;
    }

    [BenchmarkCategory("Walk"), Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public long WalkWithCrc()
    {
        _header.CheckCrc(_batch);
        return Walk();
    }

    void SealAndReset()
    {
        ArraySegment<byte> batch = _writer.Seal();
        RecordBatchPatch.SetProducer(batch, 1, 2, 3);
        _writer.Reset();
    }
}
