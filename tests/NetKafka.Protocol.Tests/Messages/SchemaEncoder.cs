using System.Buffers.Binary;
using System.Text;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>
/// Encodes a message by walking the schema, one byte list and no cleverness: what the generated code must equal. It can
/// put tagged fields that nobody knows behind those of every structure.
/// </summary>
sealed class SchemaEncoder(SchemaMessage message, short version, params (uint Tag, byte[] Content)[] strangers)
{
    public byte[] Encode(object value)
    {
        var bytes = new List<byte>();
        EncodeStruct(bytes, message.Fields, value);
        return [.. bytes];
    }

    bool Flexible => message.IsFlexible(version);

    void EncodeStruct(List<byte> bytes, IReadOnlyList<SchemaField> fields, object value)
    {
        foreach (SchemaField field in fields.Where(field => field.Tag is null && field.IsPresent(version)))
        {
            EncodeField(bytes, field, field.ValueIn(value));
        }
        if (!Flexible)
        {
            return;
        }
        List<(uint Tag, byte[] Content)> tagged = [.. fields
            .Where(field => field.Tag is not null && field.IsPresent(version) && !field.IsDefaultIn(value))
            .OrderBy(field => field.Tag)
            .Select(field => (field.Tag!.Value, EncodeTagged(field, value))), .. strangers];
        Unsigned(bytes, (uint)tagged.Count);
        foreach ((uint tag, byte[] content) in tagged)
        {
            Unsigned(bytes, tag);
            Unsigned(bytes, (uint)content.Length);
            bytes.AddRange(content);
        }
    }

    byte[] EncodeTagged(SchemaField field, object owner)
    {
        var content = new List<byte>();
        EncodeField(content, field, field.ValueIn(owner));
        return [.. content];
    }

    void EncodeField(List<byte> bytes, SchemaField field, object? value)
    {
        if (field.IsArray)
        {
            Length(bytes, (value as Array)?.Length, 4);
            foreach (object item in value as Array ?? Array.Empty<object>())
            {
                EncodeElement(bytes, field, item);
            }
        }
        else if (field.IsStruct && field.IsNullable(version))
        {
            bytes.Add(value is null ? (byte)0xff : (byte)1);
            if (value is not null)
            {
                EncodeStruct(bytes, field.Fields, value);
            }
        }
        else
        {
            EncodeElement(bytes, field, value);
        }
    }

    void EncodeElement(List<byte> bytes, SchemaField field, object? value)
    {
        switch (field.Element)
        {
            case "string":
                byte[]? text = value is null ? null : Encoding.UTF8.GetBytes((string)value);
                // The client id of a request header keeps its 16-bit length in every version.
                bool compact = Flexible && (message.Name, field.Name) != ("RequestHeader", "ClientId");
                Length(bytes, text?.Length, 2, compact);
                bytes.AddRange(text ?? []);
                break;
            case "bytes":
                Length(bytes, (value as byte[])?.Length, 4);
                bytes.AddRange(value as byte[] ?? []);
                break;
            case "records":
                byte[]? records = (value as ReadOnlyMemory<byte>?)?.ToArray();
                Length(bytes, records?.Length, 4);
                bytes.AddRange(records ?? []);
                break;
            case "uuid":
                bytes.AddRange(((Guid)value!).ToByteArray(bigEndian: true));
                break;
            default:
                if (field.IsStruct)
                {
                    EncodeStruct(bytes, field.Fields, value!);
                }
                else
                {
                    bytes.AddRange(Number(value!));
                }
                break;
        }
    }

    static byte[] Number(object value)
    {
        var buffer = new byte[8];
        int width = value switch
        {
            bool flag => Wrote(1, () => buffer[0] = flag ? (byte)1 : (byte)0),
            sbyte number => Wrote(1, () => buffer[0] = (byte)number),
            short number => Wrote(2, () => BinaryPrimitives.WriteInt16BigEndian(buffer, number)),
            ushort number => Wrote(2, () => BinaryPrimitives.WriteUInt16BigEndian(buffer, number)),
            ErrorCode code => Wrote(2, () => BinaryPrimitives.WriteInt16BigEndian(buffer, (short)code)),
            int number => Wrote(4, () => BinaryPrimitives.WriteInt32BigEndian(buffer, number)),
            long number => Wrote(8, () => BinaryPrimitives.WriteInt64BigEndian(buffer, number)),
            double number => Wrote(8, () => BinaryPrimitives.WriteDoubleBigEndian(buffer, number)),
            _ => throw new InvalidOperationException($"{value.GetType()} is no type of the schema"),
        };
        return buffer[..width];
    }

    static int Wrote(int width, Action write)
    {
        write();
        return width;
    }

    void Length(List<byte> bytes, int? length, int width, bool? compact = null)
    {
        if (compact ?? Flexible)
        {
            Unsigned(bytes, (uint)((length ?? -1) + 1));
            return;
        }
        var buffer = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(buffer, length ?? -1);
        bytes.AddRange(buffer[(4 - width)..]);
    }

    static void Unsigned(List<byte> bytes, uint value)
    {
        for (; value > 127; value /= 128)
        {
            bytes.Add((byte)((value % 128) + 128));
        }
        bytes.Add((byte)value);
    }
}
