namespace NetKafka.Protocol.Compression;

/// <summary>
/// Compressed data that cannot be decompressed: damaged, cut off, in a form the codec does not know, or larger than the
/// limits allow.
/// </summary>
public sealed class InvalidCompressedDataException : Exception
{
    internal InvalidCompressedDataException(
        CompressionCodec codec, string reason, bool isTooLarge = false, Exception? innerException = null)
        : base($"{codec} data cannot be decompressed: {reason}.", innerException)
    {
        Codec = codec;
        IsTooLarge = isTooLarge;
    }

    /// <summary>The codec that refused the data.</summary>
    public CompressionCodec Codec { get; }

    /// <summary>
    /// True if the data passed <see cref="DecompressionLimits"/>; it may be sound, and larger limits would read it.
    /// </summary>
    public bool IsTooLarge { get; }

    internal static InvalidCompressedDataException TooLarge(CompressionCodec codec, int compressedLength, int maxBytes) => new(
        codec,
        $"{compressedLength} bytes become more than the {maxBytes} that DecompressionLimits allows for them",
        isTooLarge: true);
}
