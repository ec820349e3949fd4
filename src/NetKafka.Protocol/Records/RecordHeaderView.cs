namespace NetKafka.Protocol.Records;

/// <summary>A header of a record, read where it lies.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isValueNull, int valuePosition)
    {
        Key = key;
        Value = value;
        IsValueNull = isValueNull;
        ValuePosition = valuePosition;
    }

    /// <summary>The key, in UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>True for a null value, which is not the same as an empty one.</summary>
    public bool IsValueNull { get; }

    internal int ValuePosition { get; }
}
