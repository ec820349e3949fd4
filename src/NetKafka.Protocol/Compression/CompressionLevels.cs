namespace NetKafka.Protocol.Compression;

/// <summary>The compression levels that each codec accepts, as in Kafka's Java client (KIP-390).</summary>
public static class CompressionLevels
{
    /// <summary>
    /// The level used where none is set: gzip −1 (zlib's own default, 6), lz4 9, zstd 3; 0 for codecs without levels.
    /// </summary>
    /// <param name="codec">The codec asked about.</param>
    public static int Default(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Gzip => -1,
        CompressionCodec.Lz4 => 9,
        CompressionCodec.Zstd => 3,
        _ => 0,
    };

    /// <summary>The lowest level: gzip 1, lz4 1, zstd −131072; 0 for codecs without levels.</summary>
    /// <param name="codec">The codec asked about.</param>
    public static int Minimum(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Gzip or CompressionCodec.Lz4 => 1,
        CompressionCodec.Zstd => -131072,
        _ => 0,
    };

    /// <summary>The highest level: gzip 9, lz4 17, zstd 22; 0 for codecs without levels.</summary>
    /// <param name="codec">The codec asked about.</param>
    public static int Maximum(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Gzip => 9,
        CompressionCodec.Lz4 => 17,
        CompressionCodec.Zstd => 22,
        _ => 0,
    };

    /// <summary>Whether a codec accepts a level: one within its range, or its default.</summary>
    /// <param name="codec">The codec asked about.</param>
    /// <param name="level">The level asked about.</param>
    public static bool IsValid(CompressionCodec codec, int level) =>
        level == Default(codec) || (level >= Minimum(codec) && level <= Maximum(codec));

    /// <summary>Refuses a level that the codec does not accept.</summary>
    /// <param name="codec">The codec.</param>
    /// <param name="level">The level to check.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The level is outside the codec's range, or the codec is unknown.
    /// </exception>
    public static void Validate(CompressionCodec codec, int level)
    {
        if (!Enum.IsDefined(codec))
        {
            throw new ArgumentOutOfRangeException(
                nameof(codec), codec, "This compression codec is not known; use one of CompressionCodec.");
        }

        if (IsValid(codec, level)) return;
        throw new ArgumentOutOfRangeException(
            nameof(level),
            level,
            $"Compression level {level} is outside what {codec} accepts: {Minimum(codec)} to {Maximum(codec)}, "
            + $"default {Default(codec)}.");
    }
}
