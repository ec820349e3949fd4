using BenchmarkDotNet.Attributes;
using NetKafka.Protocol.Hashing;

namespace NetKafka.Benchmarks.Hashing;

/// <summary>
/// CRC-32C by each way of computing it; Crc32C.Compute takes the fastest that the processor has. The floor is one copy of the
/// bytes.
/// </summary>
public class Crc32CBenchmarks
{
    byte[] _data = [];
    byte[] _target = [];

    [Params(40, 128, 1024, 16 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _data = new byte[Bytes];
        _target = new byte[Bytes];
        new Random(1).NextBytes(_data);
    }

    [Benchmark(Baseline = true)]
    public void FloorOfCopy() => _data.CopyTo(_target, 0);

    [Benchmark]
    public uint Compute() => Crc32C.Compute(_data);

    [Benchmark]
    public uint Instruction() => Crc32C.UpdateTail(uint.MaxValue, _data);

    [Benchmark]
    public uint Folding128() =>
        Bytes >= Crc32CFolding.MinimumLength && Crc32CFolding.IsSupported ? Crc32CFolding.UpdateNarrow(uint.MaxValue, _data) : 0;

    [Benchmark]
    public uint Software() => Crc32C.UpdateSoftware(uint.MaxValue, _data);

    [Benchmark]
    public uint Combine() => Crc32C.Combine(0x12345678, 0x9ABCDEF0, Bytes);
}
