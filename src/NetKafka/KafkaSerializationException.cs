using NetKafka.Protocol.Records;

namespace NetKafka;

/// <summary>
/// A key or value could not be turned into bytes, or bytes into a key or value. It concerns one record; nothing of that
/// record was written, and a reader may go on behind it.
/// </summary>
/// <param name="message">Which type, what is wrong with the value or the bytes (never the value itself), and what to do.</param>
/// <param name="inner">The error of the serializer, if it threw one.</param>
public sealed class KafkaSerializationException(string message, Exception? inner = null)
    : KafkaException(message, inner)
{
    /// <summary>The offset of the record that could not be read (KIP-334); −1 where nothing was read.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>The record's timestamp in milliseconds since 1970; −1 where it has none, and where nothing was read.</summary>
    public long TimestampMs { get; init; } = -1;

    /// <summary>Whether it is the key that could not be read, and not the value.</summary>
    public bool IsKey { get; init; }

    /// <summary>A copy of its headers (KIP-1036); empty where nothing was read.</summary>
    public IReadOnlyList<Header> Headers { get; init; } = [];

    /// <summary>A copy of the bytes of its key; null for a null key, and where nothing was read.</summary>
    public byte[]? KeyBytes { get; init; }

    /// <summary>A copy of the bytes of its value; null for a null value, and where nothing was read.</summary>
    public byte[]? ValueBytes { get; init; }
}
