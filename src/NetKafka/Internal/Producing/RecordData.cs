using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Producing;

/// <summary>A record whose key and value are bytes by now.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition asked for; −1 leaves the choice to the key.</param>
/// <param name="TimestampMs">Milliseconds since 1970.</param>
/// <param name="Key">The key; empty if it is null.</param>
/// <param name="IsKeyNull">True for a null key.</param>
/// <param name="Value">The value; empty if it is null.</param>
/// <param name="IsValueNull">True for a null value.</param>
/// <param name="Headers">The headers.</param>
readonly record struct RecordData(
    string Topic, int Partition, long TimestampMs, ReadOnlyMemory<byte> Key, bool IsKeyNull, ReadOnlyMemory<byte> Value,
    bool IsValueNull, ReadOnlyMemory<Header> Headers)
{
    public int KeyLength => IsKeyNull ? -1 : Key.Length;

    public int ValueLength => IsValueNull ? -1 : Value.Length;

    /// <summary>The size of a batch that holds this record alone, at most.</summary>
    public long BatchBound => RecordBatchWriter.HeaderSize + RecordBatchWriter.UpperBound(KeyLength, ValueLength, Headers.Span);
}
