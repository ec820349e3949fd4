using ZstdSharp;

namespace NetKafka.Protocol.Compression;

/// <summary>
/// Compresses and decompresses with every codec of Kafka, and keeps the costly parts (zstd contexts, buffers) for reuse
/// within a bound. Thread-safe.
/// </summary>
public sealed class CompressionPool : IDisposable
{
    const int DefaultMaxRetained = 8;
    const int LargestRetainedBuffer = 4 * 1024 * 1024;

    readonly BoundedStack<GrowingBuffer> _buffers;
    readonly BoundedStack<Compressor> _zstdCompressors;
    readonly BoundedStack<Decompressor> _zstdDecompressors;

    /// <summary>Creates an empty pool.</summary>
    /// <param name="maxRetained">How many unused instances of each kind are kept. Default 8, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxRetained"/> is zero or negative.</exception>
    public CompressionPool(int maxRetained = DefaultMaxRetained)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRetained);
        _buffers = new(maxRetained);
        _zstdCompressors = new(maxRetained);
        _zstdDecompressors = new(maxRetained);
    }

    /// <summary>Lends an empty buffer; give it back by <see cref="Return"/>, or leave it to the garbage collector.</summary>
    public GrowingBuffer RentBuffer() => _buffers.TryPop() ?? new GrowingBuffer();

    /// <summary>Takes back a buffer that nobody reads or writes any more. One that grew beyond 4 MiB is not kept.</summary>
    /// <param name="buffer">A buffer of <see cref="RentBuffer"/>.</param>
    public void Return(GrowingBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.Clear();
        if (buffer.Capacity <= LargestRetainedBuffer) _buffers.TryPush(buffer);
    }

    /// <summary>Compresses <paramref name="source"/> and appends the result to <paramref name="destination"/>.</summary>
    /// <param name="codec">The codec; with <see cref="CompressionCodec.None"/> the bytes are copied.</param>
    /// <param name="level">A level that the codec accepts, see <see cref="CompressionLevels"/>.</param>
    /// <param name="source">The bytes to compress.</param>
    /// <param name="destination">Where the compressed bytes are appended.</param>
    /// <exception cref="ArgumentOutOfRangeException">The codec is unknown or does not accept the level.</exception>
    public void Compress(CompressionCodec codec, int level, ReadOnlySpan<byte> source, GrowingBuffer destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        CompressionLevels.Validate(codec, level);
        switch (codec)
        {
            case CompressionCodec.Gzip:
                GzipCodec.Compress(level, source, destination);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Compress(source, destination);
                break;
            case CompressionCodec.Lz4:
                Lz4FrameWriter.Compress(level, source, destination);
                break;
            case CompressionCodec.Zstd:
                CompressZstd(level, source, destination);
                break;
            default:
                destination.Write(source);
                break;
        }
    }

    /// <summary>Decompresses <paramref name="source"/> and appends the result to <paramref name="destination"/>.</summary>
    /// <remarks>
    /// Memory grows with what is really decompressed: a size that the data declares is checked but never allocated from.
    /// </remarks>
    /// <param name="codec">The codec; with <see cref="CompressionCodec.None"/> the bytes are copied.</param>
    /// <param name="source">The compressed bytes.</param>
    /// <param name="destination">Where the bytes are appended; on an error it holds an undefined part of them.</param>
    /// <param name="limits">How large the result may become.</param>
    /// <exception cref="InvalidCompressedDataException">
    /// The data is malformed or passes the limits, or the codec is unknown.
    /// </exception>
    public void Decompress(
        CompressionCodec codec, ReadOnlySpan<byte> source, GrowingBuffer destination, DecompressionLimits limits) =>
        Decompress(codec, source, destination, limits, acceptLegacyLz4: false);

    /// <summary>
    /// As the public one; accepts on demand lz4 frames whose header checksum wrongly covers the magic number, as in message
    /// formats before 2 (KIP-57).
    /// </summary>
    internal void Decompress(
        CompressionCodec codec,
        ReadOnlySpan<byte> source,
        GrowingBuffer destination,
        DecompressionLimits limits,
        bool acceptLegacyLz4)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int maxBytes = limits.MaxBytesFor(source.Length);
        switch (codec)
        {
            case CompressionCodec.None:
                destination.Write(source);
                break;
            case CompressionCodec.Gzip:
                GzipCodec.Decompress(source, destination, maxBytes);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Decompress(source, destination, maxBytes);
                break;
            case CompressionCodec.Lz4:
                new Lz4FrameReader(source, destination, maxBytes, acceptLegacyLz4).Decompress();
                break;
            case CompressionCodec.Zstd:
                DecompressZstd(source, destination, maxBytes);
                break;
            default:
                throw new InvalidCompressedDataException(codec, "this client knows no such codec");
        }
    }

    /// <summary>Frees what is kept. Buffers and contexts in use are freed when their users drop them.</summary>
    public void Dispose()
    {
        _buffers.Close();
        _zstdCompressors.Close();
        _zstdDecompressors.Close();
    }

    void CompressZstd(int level, ReadOnlySpan<byte> source, GrowingBuffer destination)
    {
        Compressor compressor = _zstdCompressors.TryPop() ?? new Compressor(level);
        try
        {
            if (compressor.Level != level) compressor.Level = level;
            int written = compressor.Wrap(source, destination.GetSpan(Compressor.GetCompressBound(source.Length)));
            destination.Advance(written);
        }
        finally
        {
            if (!_zstdCompressors.TryPush(compressor)) compressor.Dispose();
        }
    }

    void DecompressZstd(ReadOnlySpan<byte> source, GrowingBuffer destination, int maxBytes)
    {
        Decompressor decompressor = _zstdDecompressors.TryPop() ?? new Decompressor();
        try
        {
            ZstdCodec.Decompress(decompressor, source, destination, maxBytes);
        }
        finally
        {
            if (!_zstdDecompressors.TryPush(decompressor)) decompressor.Dispose();
        }
    }
}
