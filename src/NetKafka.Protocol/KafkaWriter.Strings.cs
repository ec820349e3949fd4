using System.Text;

namespace NetKafka.Protocol;

public sealed partial class KafkaWriter
{
    // Lone surrogates cannot be said in UTF-8: the strict encoder throws instead of sending another string.
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a string behind a 16-bit length.</summary>
    /// <param name="value">The value, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteString(string? value, string field)
    {
        if (value is null)
        {
            FailNull(field);
        }
        WriteNullableString(value, field);
    }

    /// <summary>Writes a string behind a 16-bit length, or null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteNullableString(string? value, string field)
    {
        if (value is null)
        {
            WriteInt16(-1);
            return;
        }
        int bytes = Utf8Length(value, field);
        WriteInt16((short)bytes);
        WriteUtf8(value, bytes);
    }

    /// <summary>Writes a string behind a varint length.</summary>
    /// <param name="value">The value, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteCompactString(string? value, string field)
    {
        if (value is null)
        {
            FailNull(field);
        }
        WriteNullableCompactString(value, field);
    }

    /// <summary>Writes a string behind a varint length, or null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteNullableCompactString(string? value, string field)
    {
        if (value is null)
        {
            WriteUnsignedVarint(0);
            return;
        }
        int bytes = Utf8Length(value, field);
        WriteUnsignedVarint((uint)bytes + 1);
        WriteUtf8(value, bytes);
    }

    /// <summary>Writes bytes behind a 32-bit length.</summary>
    /// <param name="value">The value, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteBytes(byte[]? value, string field)
    {
        if (value is null)
        {
            FailNull(field);
        }
        WriteInt32(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes bytes behind a 32-bit length, or null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteNullableBytes(byte[]? value, string field)
    {
        if (value is null)
        {
            WriteInt32(-1);
            return;
        }
        WriteBytes(value, field);
    }

    /// <summary>Writes bytes behind a varint length.</summary>
    /// <param name="value">The value, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteCompactBytes(byte[]? value, string field)
    {
        if (value is null)
        {
            FailNull(field);
        }
        WriteUnsignedVarint((uint)value.Length + 1);
        WriteRaw(value);
    }

    /// <summary>Writes bytes behind a varint length, or null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteNullableCompactBytes(byte[]? value, string field)
    {
        if (value is null)
        {
            WriteUnsignedVarint(0);
            return;
        }
        WriteCompactBytes(value, field);
    }

    /// <summary>Writes records behind a 32-bit length.</summary>
    /// <param name="value">The value, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteRecords(ReadOnlyMemory<byte>? value, string field)
    {
        if (value is not { } records)
        {
            FailNull(field);
            return;
        }
        WriteInt32(records.Length);
        WriteRaw(records.Span);
    }

    /// <summary>Writes records behind a 32-bit length, or null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteNullableRecords(ReadOnlyMemory<byte>? value, string field)
    {
        if (value is null)
        {
            WriteInt32(-1);
            return;
        }
        WriteRecords(value, field);
    }

    /// <summary>Writes records behind a varint length.</summary>
    /// <param name="value">The value, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteCompactRecords(ReadOnlyMemory<byte>? value, string field)
    {
        if (value is not { } records)
        {
            FailNull(field);
            return;
        }
        WriteUnsignedVarint((uint)records.Length + 1);
        WriteRaw(records.Span);
    }

    /// <summary>Writes records behind a varint length, or null.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteNullableCompactRecords(ReadOnlyMemory<byte>? value, string field)
    {
        if (value is null)
        {
            WriteUnsignedVarint(0);
            return;
        }
        WriteCompactRecords(value, field);
    }

    // Brokers refuse a string over 32,767 bytes behind a varint too, so the limit of the 16-bit length holds for both.
    int Utf8Length(string value, string field)
    {
        int bytes;
        try
        {
            bytes = StrictUtf8.GetByteCount(value);
        }
        catch (EncoderFallbackException)
        {
            Fail(field, "the string holds half of a surrogate pair");
            throw;
        }
        if (bytes > short.MaxValue)
        {
            Fail(field, $"the string takes {bytes} bytes, and {short.MaxValue} is the most");
        }
        return bytes;
    }

    void WriteUtf8(string value, int bytes)
    {
        Ensure(bytes);
        StrictUtf8.GetBytes(value, _buffer.AsSpan(_length, bytes));
        _length += bytes;
    }
}
