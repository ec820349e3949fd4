using System.Text;
using BenchmarkDotNet.Attributes;
using NetKafka.Protocol.Compression;

namespace NetKafka.Benchmarks.Compression;

/// <summary>
/// The codecs at their default levels over JSON-like records, beside one copy of the plain bytes. The native libraries, which
/// are not at hand here, are what a port is to be measured by; over JSON in pieces of 1 MiB, on one core of a Zen 5, they make
/// (plain bytes, in and out): lz4 1.04 and 4.8 GB/s, zstd at level 3 0.30 and 1.4, gzip at level 6 0.06 and 0.25.
/// </summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    readonly CompressionPool _pool = new();
    readonly GrowingBuffer _compressed = new();
    readonly GrowingBuffer _plain = new();
    byte[] _data = [];
    byte[] _packed = [];
    byte[] _target = [];

    [Params(CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd)]
    public CompressionCodec Codec { get; set; }

    [Params(16 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var text = new StringBuilder();
        var random = new Random(5);
        while (text.Length < Bytes)
            text.Append($"{{\"payer\":\"user-{random.Next(10_000)}\",\"amount\":{random.Next(100_000)},\"currency\":\"EUR\",\"id\":\"{random.NextInt64():x}\"}}");
        _data = Encoding.ASCII.GetBytes(text.ToString(0, Bytes));
        _target = new byte[Bytes];
        Compress();
        _packed = _compressed.WrittenSpan.ToArray();
    }

    [Benchmark(Baseline = true)]
    public void FloorOfCopy() => _data.CopyTo(_target, 0);

    [Benchmark]
    public int Compress()
    {
        _compressed.Clear();
        _pool.Compress(Codec, CompressionLevels.Default(Codec), _data, _compressed);
        return _compressed.Length;
    }

    [Benchmark]
    public int Decompress()
    {
        _plain.Clear();
        _pool.Decompress(Codec, _packed, _plain, new());
        return _plain.Length;
    }
}
