using System.Text;

namespace NetKafka.Protocol.Records;

/// <summary>Sizes and encodes parts of records of format version 2. Allocates nothing.</summary>
static class RecordEncoder
{
    /// <summary>The most that a record takes beyond its key, its value and its encoded headers.</summary>
    const int LargestOverhead = (4 * Varint.MaxSize32) + Varint.MaxSize64 + 1;

    /// <summary>A character becomes at most 3 bytes, and a length below 64 takes one byte.</summary>
    const int LongestShortKey = 21;

    /// <summary>The most bytes that a record can take, whatever its deltas turn out to be.</summary>
    /// <param name="keyLength">The length of the key, −1 for null.</param>
    /// <param name="valueLength">The length of the value, −1 for null.</param>
    /// <param name="headersSize">What <see cref="HeadersSize"/> gave.</param>
    internal static long UpperBound(int keyLength, int valueLength, int headersSize) =>
        LargestOverhead + (long)Math.Max(keyLength, 0) + Math.Max(valueLength, 0) + headersSize;

    /// <summary>The encoded size of headers with their count; 1 for none.</summary>
    internal static int HeadersSize(ReadOnlySpan<Header> headers)
    {
        int size = Varint.Size(headers.Length);
        foreach (ref readonly Header header in headers)
        {
            int keyLength = Encoding.UTF8.GetByteCount(header.Key);
            int valueLength = header.IsNull ? -1 : header.Value.Length;
            checked
            {
                size += Varint.Size(keyLength) + keyLength + Varint.Size(valueLength) + header.Value.Length;
            }
        }

        return size;
    }

    /// <summary>Writes headers with their count and returns the number of bytes.</summary>
    internal static int WriteHeaders(Span<byte> destination, ReadOnlySpan<Header> headers)
    {
        int at = Varint.Write(destination, headers.Length);
        foreach (ref readonly Header header in headers)
        {
            at += WriteKey(destination[at..], header.Key);
            at += Varint.Write(destination[at..], header.IsNull ? -1 : header.Value.Length);
            header.Value.Span.CopyInPieces(destination[at..]);
            at += header.Value.Length;
        }

        return at;
    }

    static int WriteKey(Span<byte> destination, string key)
    {
        // The length of a short key takes one byte whatever its characters are, so the key can be written before it.
        if (key.Length <= LongestShortKey)
        {
            int written = Encoding.UTF8.GetBytes(key, destination[1..]);
            Varint.Write(destination, written);
            return written + 1;
        }

        int at = Varint.Write(destination, Encoding.UTF8.GetByteCount(key));
        return at + Encoding.UTF8.GetBytes(key, destination[at..]);
    }
}
