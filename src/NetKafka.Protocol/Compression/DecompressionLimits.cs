namespace NetKafka.Protocol.Compression;

/// <summary>
/// How large compressed data may become. Without a bound a few kilobytes from a hostile peer could fill the memory.
/// </summary>
public readonly record struct DecompressionLimits
{
    const int DefaultMaxBytes = 128 * 1024 * 1024;
    const int DefaultMaxRatio = 4096;
    const int DefaultRatioFreeBytes = 16 * 1024 * 1024;

    /// <summary>The defaults: 128 MiB, and 4,096 times the compressed size beyond the first 16 MiB.</summary>
    public DecompressionLimits()
    {
    }

    /// <summary>The most bytes one piece of compressed data may become. Default 128 MiB.</summary>
    public int MaxBytes { get; init; } = DefaultMaxBytes;

    /// <summary>
    /// The most bytes that one compressed byte may become, held against data that decompresses to more than
    /// <see cref="RatioFreeBytes"/>. Default 4,096, which only zstd can pass.
    /// </summary>
    public int MaxRatio { get; init; } = DefaultMaxRatio;

    /// <summary>The size up to which no ratio is held against the data. Default 16 MiB.</summary>
    public int RatioFreeBytes { get; init; } = DefaultRatioFreeBytes;

    /// <summary>The most bytes that <paramref name="compressedLength"/> bytes may become under these limits.</summary>
    /// <param name="compressedLength">The size of the compressed data in bytes.</param>
    public int MaxBytesFor(int compressedLength) =>
        (int)Math.Min(MaxBytes, Math.Max(RatioFreeBytes, (long)compressedLength * MaxRatio));
}
