namespace NetKafka.Protocol.Compression;

/// <summary>
/// How the records of a batch are compressed. The numbers are those of the batch's attributes on the wire.
/// </summary>
public enum CompressionCodec
{
    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip = 1,

    /// <summary>Snappy in the framing of the Java library xerial.</summary>
    Snappy = 2,

    /// <summary>LZ4 in its frame format.</summary>
    Lz4 = 3,

    /// <summary>
    /// Zstandard (RFC 8878); brokers know it since 2.1 (KIP-110), and only in record batches of format version 2.
    /// </summary>
    Zstd = 4,
}
