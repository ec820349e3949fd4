using BenchmarkDotNet.Attributes;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol.Hashing;
using NetKafka.Protocol.Records;

namespace NetKafka.Benchmarks.Producing;

/// <summary>
/// The way of one record into a batch, its share of sealing included. The floor is to copy the value and to sum the batch's
/// bytes, which nobody can do without.
/// </summary>
[MemoryDiagnoser]
public class AppendBenchmarks
{
    const int BatchBytes = 256 * 1024;
    const int RecordsPerCall = 1000;

    /// <summary>What a record has around a value without key: lengths, deltas, attributes.</summary>
    const int Overhead = 10;

    static readonly DeliveryCallback Ignore = static _ => { };

    readonly byte[] _slab = new byte[BatchBytes];
    readonly DrainingHost _host = new(BatchBytes);
    byte[] _value = [];
    RecordData _record;
    int _used = RecordBatchWriter.HeaderSize;

    [Params(10, 100, 1024)]
    public int ValueBytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _host.Learn("payments", partitions: 6);
        _value = new byte[ValueBytes];
        _record = new RecordData("payments", -1, 1_700_000_000_000, default, true, _value, false, default);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = RecordsPerCall)]
    public uint FloorOfCopyAndCrc()
    {
        var sum = 0u;
        for (var i = 0; i < RecordsPerCall; i++)
        {
            if (_used + Overhead + _value.Length > BatchBytes)
            {
                sum = Crc32C.Compute(_slab.AsSpan(0, _used));
                _used = RecordBatchWriter.HeaderSize;
            }
            _value.CopyTo(_slab.AsSpan(_used + Overhead));
            _used += Overhead + _value.Length;
        }
        return sum;
    }

    [Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public void AppendAndSeal()
    {
        for (var i = 0; i < RecordsPerCall; i++)
            Append(default);
    }

    [Benchmark(OperationsPerInvoke = RecordsPerCall)]
    public void AppendAndSealWithCallback()
    {
        for (var i = 0; i < RecordsPerCall; i++)
            Append(new RecordCompletion(Ignore, this, 1_700_000_000_000));
    }

    void Append(in RecordCompletion completion)
    {
        if (_host.Accumulator.TryAppend(_record, completion, false, out _) != AppendResult.Appended)
            throw new InvalidOperationException("A batch was not drained.");
    }
}
