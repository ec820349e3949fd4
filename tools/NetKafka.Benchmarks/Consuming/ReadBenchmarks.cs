using BenchmarkDotNet.Attributes;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Hashing;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;

namespace NetKafka.Benchmarks.Consuming;

/// <summary>
/// One record of a fetched batch, its CRC checked, as the application's loop gets it: by the batch, one by one, and one by
/// one with the value as an array of its own. The floor is to sum the batch's bytes, which reads each of them once.
/// </summary>
[MemoryDiagnoser]
public class ReadBenchmarks
{
    const int RecordsPerCall = 1000;

    readonly FetchQueue _queue = new(static () => { });
    readonly CompressionPool _compression = new();
    readonly AssignedPartition _partition = new(new TopicPartition("payments", 0));
    readonly RecordReader<Nothing, ReadOnlyMemory<byte>> _views;
    readonly RecordReader<Nothing, byte[]> _arrays;
    Lease? _lease;
    int _batchBytes;

    public ReadBenchmarks()
    {
        _views = new(_queue, _compression, false, new(new NothingSerde(), new MemorySerde()));
        _arrays = new(_queue, _compression, false, new(new NothingSerde(), new ByteArraySerde()));
    }

    [Params(10, 100, 1024)]
    public int ValueBytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var writer = new RecordBatchWriter();
        var slab = new byte[RecordsPerCall * (ValueBytes + 40)];
        var value = new byte[ValueBytes];
        writer.Begin(slab, 0, slab.Length);
        for (var i = 0; i < RecordsPerCall; i++)
            writer.TryAppend(1_700_000_000_000 + (i / 10), default, true, value, false);
        var batch = writer.Seal();
        _batchBytes = batch.Count;
        _lease = new SlabPool(64 * 1024 * 1024).Rent(_batchBytes);
        batch.AsSpan().CopyTo(_lease.Array);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = RecordsPerCall)]
    public uint FloorOfCrc() => Crc32C.Compute(_lease!.Array.AsSpan(0, _batchBytes));

    [Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public long ByBatch()
    {
        Arrive();
        var bytes = 0L;
        while (_views.TryNextBatch())
        {
            foreach (var record in new ConsumerBatch<Nothing, ReadOnlyMemory<byte>>(_views))
                bytes += record.Value.Length;
        }
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public long OneByOne()
    {
        Arrive();
        var bytes = 0L;
        while (_views.TryNext(out var record))
            bytes += record.Value.Length;
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public long OneByOneAsArrays()
    {
        Arrive();
        var bytes = 0L;
        while (_arrays.TryNext(out var record))
            bytes += record.Value.Length;
        return bytes;
    }

    /// <summary>The same batch is fetched again, with its partition back at the beginning.</summary>
    void Arrive()
    {
        _queue.MoveTo(_partition, 0, -1);
        _queue.Add(_partition, _lease!, 0, _batchBytes, null);
    }
}
