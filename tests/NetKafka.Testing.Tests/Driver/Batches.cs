using System.Buffers.Binary;
using System.Text;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>Record batches made by hand, byte by byte.</summary>
static class Batches
{
    internal static byte[] Create(
        string[] values, long timestampMs, long producerId = -1, short epoch = -1, int sequence = -1, bool transactional = false, string? key = null)
    {
        var body = new MemoryStream();
        for (var i = 0; i < values.Length; i++)
            WriteRecord(body, i, key, values[i]);
        var bytes = new byte[BatchHeader.Size + body.Length];
        var span = bytes.AsSpan();
        body.ToArray().CopyTo(span[BatchHeader.Size..]);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], bytes.Length - 12);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], -1);
        span[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(span[21..], (short)(transactional ? 0x10 : 0));
        BinaryPrimitives.WriteInt32BigEndian(span[23..], values.Length - 1);
        BinaryPrimitives.WriteInt64BigEndian(span[27..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(span[35..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(span[43..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(span[51..], epoch);
        BinaryPrimitives.WriteInt32BigEndian(span[53..], sequence);
        BinaryPrimitives.WriteInt32BigEndian(span[57..], values.Length);
        Sum(bytes);
        return bytes;
    }

    /// <summary>Sums the batch anew after a test changed its bytes.</summary>
    internal static void Sum(byte[] batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), Crc32Castagnoli.Compute(batch.AsSpan(21)));

    static void WriteRecord(MemoryStream body, int offsetDelta, string? key, string value)
    {
        var record = new MemoryStream();
        record.WriteByte(0);
        WriteVarint(record, 0);
        WriteVarint(record, offsetDelta);
        WriteBytes(record, key);
        WriteBytes(record, value);
        WriteVarint(record, 0);
        WriteVarint(body, (int)record.Length);
        record.WriteTo(body);
    }

    static void WriteBytes(MemoryStream stream, string? text)
    {
        if (text is null)
        {
            WriteVarint(stream, -1);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        WriteVarint(stream, bytes.Length);
        stream.Write(bytes);
    }

    static void WriteVarint(MemoryStream stream, int value)
    {
        var raw = (uint)((value << 1) ^ (value >> 31));
        for (; raw >= 0x80; raw >>= 7)
            stream.WriteByte((byte)(raw | 0x80));
        stream.WriteByte((byte)raw);
    }
}
