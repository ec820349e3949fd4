using System.Text;

namespace NetKafka.Protocol.Records;

/// <summary>
/// A record as places within the (decompressed) records of its batch. It holds no memory itself, so it may be kept as long
/// as those bytes live.
/// </summary>
public readonly struct RecordSlice
{
    internal RecordSlice(
        long offset,
        long timestampMs,
        int keyPosition,
        int keyLength,
        int valuePosition,
        int valueLength,
        int headersPosition,
        int headerCount)
    {
        Offset = offset;
        TimestampMs = timestampMs;
        KeyPosition = keyPosition;
        KeyLength = keyLength;
        ValuePosition = valuePosition;
        ValueLength = valueLength;
        HeadersPosition = headersPosition;
        HeaderCount = headerCount;
    }

    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; }

    /// <summary>
    /// Its timestamp in milliseconds since 1970, with log-append time the broker's; −1 where the format has none. It comes
    /// from the wire unchecked and may lie outside of what <see cref="DateTimeOffset"/> can hold.
    /// </summary>
    public long TimestampMs { get; }

    /// <summary>Where its key starts.</summary>
    public int KeyPosition { get; }

    /// <summary>The length of its key in bytes; −1 for null.</summary>
    public int KeyLength { get; }

    /// <summary>Where its value starts.</summary>
    public int ValuePosition { get; }

    /// <summary>The length of its value in bytes; −1 for null.</summary>
    public int ValueLength { get; }

    /// <summary>Where its first header starts.</summary>
    public int HeadersPosition { get; }

    /// <summary>How many headers it has.</summary>
    public int HeaderCount { get; }

    /// <summary>True for a null key, which is not the same as an empty one.</summary>
    public bool IsKeyNull => KeyLength < 0;

    /// <summary>True for a null value, which is not the same as an empty one.</summary>
    public bool IsValueNull => ValueLength < 0;

    /// <summary>The bytes of the key; empty if it is null.</summary>
    /// <param name="body">The bytes that the record was read from.</param>
    public ReadOnlySpan<byte> Key(ReadOnlySpan<byte> body) => IsKeyNull ? default : body.Slice(KeyPosition, KeyLength);

    /// <summary>The bytes of the key; empty if it is null.</summary>
    /// <param name="body">The bytes that the record was read from.</param>
    public ReadOnlyMemory<byte> Key(ReadOnlyMemory<byte> body) => IsKeyNull ? default : body.Slice(KeyPosition, KeyLength);

    /// <summary>The bytes of the value; empty if it is null.</summary>
    /// <param name="body">The bytes that the record was read from.</param>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> body) => IsValueNull ? default : body.Slice(ValuePosition, ValueLength);

    /// <summary>The bytes of the value; empty if it is null.</summary>
    /// <param name="body">The bytes that the record was read from.</param>
    public ReadOnlyMemory<byte> Value(ReadOnlyMemory<byte> body) =>
        IsValueNull ? default : body.Slice(ValuePosition, ValueLength);

    /// <summary>The headers, decoded one by one as they are asked for.</summary>
    /// <param name="body">The bytes that the record was read from.</param>
    public RecordHeaderEnumerator Headers(ReadOnlySpan<byte> body) => new(body, HeadersPosition, HeaderCount);

    /// <summary>
    /// The headers as objects, whose values are slices of <paramref name="body"/>. Allocates the array and the keys.
    /// </summary>
    /// <param name="body">The bytes that the record was read from.</param>
    public Header[] ReadHeaders(ReadOnlyMemory<byte> body) => ReadHeaders(body, HeadersPosition, HeaderCount);

    /// <summary>The headers of a record that was read, found by their place alone.</summary>
    /// <param name="body">The bytes that the record was read from, or bytes that these are a part of.</param>
    /// <param name="position">Where the first header starts in <paramref name="body"/>.</param>
    /// <param name="count">How many headers the record has.</param>
    public static Header[] ReadHeaders(ReadOnlyMemory<byte> body, int position, int count)
    {
        if (count == 0) return [];
        var headers = new Header[count];
        int index = 0;
        foreach (RecordHeaderView header in new RecordHeaderEnumerator(body.Span, position, count))
        {
            string key = Encoding.UTF8.GetString(header.Key);
            headers[index++] = header.IsValueNull
                ? Header.Null(key)
                : new Header(key, body.Slice(header.ValuePosition, header.Value.Length));
        }

        return headers;
    }
}
