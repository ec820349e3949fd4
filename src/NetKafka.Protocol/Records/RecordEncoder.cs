using System.Text;

namespace NetKafka.Protocol.Records;

/// <summary>Writes single records of format version 2. Allocates nothing.</summary>
static class RecordEncoder
{
    /// <summary>The most that a record takes beyond its key, its value and its encoded headers.</summary>
    const int LargestOverhead = (4 * Varint.MaxSize32) + Varint.MaxSize64 + 1;

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
            at += Varint.Write(destination[at..], Encoding.UTF8.GetByteCount(header.Key));
            at += Encoding.UTF8.GetBytes(header.Key, destination[at..]);
            at += Varint.Write(destination[at..], header.IsNull ? -1 : header.Value.Length);
            header.Value.Span.CopyTo(destination[at..]);
            at += header.Value.Length;
        }

        return at;
    }

    /// <summary>The size of a record without its leading length.</summary>
    internal static int BodySize(int offsetDelta, long timestampDelta, int keyLength, int valueLength, int headersSize) => checked(
        1 + Varint.Size(timestampDelta) + Varint.Size(offsetDelta)
        + Varint.Size(keyLength) + Math.Max(keyLength, 0)
        + Varint.Size(valueLength) + Math.Max(valueLength, 0)
        + headersSize);

    /// <summary>The exact size of a record, leading length included.</summary>
    internal static int Size(int offsetDelta, long timestampDelta, int keyLength, int valueLength, int headersSize)
    {
        int body = BodySize(offsetDelta, timestampDelta, keyLength, valueLength, headersSize);
        return checked(Varint.Size(body) + body);
    }

    /// <summary>Writes what stands before the bytes of the key and returns the number of bytes.</summary>
    internal static int WritePrefix(Span<byte> destination, int bodySize, int offsetDelta, long timestampDelta, int keyLength)
    {
        int at = Varint.Write(destination, bodySize);
        destination[at++] = 0;
        at += Varint.Write(destination[at..], timestampDelta);
        at += Varint.Write(destination[at..], offsetDelta);
        return at + Varint.Write(destination[at..], keyLength);
    }
}
