using System.Text;
using BenchmarkDotNet.Attributes;
using NetKafka.Protocol.Compression;

namespace NetKafka.Benchmarks.Compression;

/// <summary>The codecs at their default levels over JSON-like records.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    readonly CompressionPool _pool = new();
    readonly GrowingBuffer _compressed = new();
    readonly GrowingBuffer _plain = new();
    byte[] _data = [];
    byte[] _packed = [];

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
        Compress();
        _packed = _compressed.WrittenSpan.ToArray();
    }

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
