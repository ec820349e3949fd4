namespace NetKafka.Protocol.Records;

/// <summary>What is wrong with a record batch.</summary>
public enum InvalidRecordBatchReason
{
    /// <summary>A length, count, offset or number in it cannot be right.</summary>
    Malformed,

    /// <summary>Its checksum does not match its bytes: it was damaged on disk or on the way.</summary>
    CrcMismatch,

    /// <summary>It has a format version or a compression codec that this client does not know.</summary>
    Unsupported,

    /// <summary>Its records cannot be decompressed.</summary>
    CorruptCompression,

    /// <summary>Its records decompress to more than <see cref="Compression.DecompressionLimits"/> allows.</summary>
    TooLarge,
}
