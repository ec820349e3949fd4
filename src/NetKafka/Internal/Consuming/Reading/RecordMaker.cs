using System.Runtime.CompilerServices;
using NetKafka.Consuming;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>Makes typed records of the open batch of a <see cref="ChunkReader"/>.</summary>
sealed class RecordMaker<TKey, TValue>(IDeserializer<TKey> keys, IDeserializer<TValue> values)
{
    readonly bool _keysAreViews = keys is MemorySerde;
    readonly bool _valuesAreViews = values is MemorySerde;

    /// <exception cref="KafkaSerializationException">Its key or value cannot be read.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ConsumerRecord<TKey, TValue> Make(ChunkReader batch, ReadOnlySpan<byte> body, in RecordSlice slice)
    {
        var key = _keysAreViews
            ? View<TKey>(batch, slice.KeyPosition, slice.KeyLength)
            : Read(keys, batch, body, slice.KeyPosition, slice.KeyLength, slice, isKey: true);
        var value = _valuesAreViews
            ? View<TValue>(batch, slice.ValuePosition, slice.ValueLength)
            : Read(values, batch, body, slice.ValuePosition, slice.ValueLength, slice, isKey: false);
        return new ConsumerRecord<TKey, TValue>(
            batch.Source, slice, batch.BodyStart, batch.Header.PartitionLeaderEpoch, batch.Header.TimestampType, key, value);
    }

    /// <summary>
    /// The bytes where they lie. Only for T = ReadOnlyMemory&lt;byte&gt;, whose serde it is that was asked for.
    /// </summary>
    static T View<T>(ChunkReader batch, int position, int length)
    {
        var view = length < 0 ? default : batch.Source.Slice(batch.BodyStart + position, length);
        return Unsafe.As<ReadOnlyMemory<byte>, T>(ref view);
    }

    static T Read<T>(
        IDeserializer<T> format, ChunkReader batch, ReadOnlySpan<byte> body, int position, int length, in RecordSlice slice, bool isKey)
    {
        try
        {
            return length < 0 ? format.DeserializeNull() : format.Deserialize(body.Slice(position, length));
        }
        catch (Exception error)
        {
            throw Unreadable(error, batch, body, slice, isKey);
        }
    }

    static KafkaSerializationException Unreadable(
        Exception error, ChunkReader batch, ReadOnlySpan<byte> body, in RecordSlice slice, bool isKey)
    {
        var partition = batch.Chunk!.Owner.Partition;
        return new KafkaSerializationException(
            $"The {(isKey ? "key" : "value")} of the record at {partition}, offset {slice.Offset}, could not be read: {error.Message} "
            + "It is read again with the next call; SkipAsync with this exception goes on behind it, and OnUnreadableRecord decides without an exception.",
            error)
        {
            Partition = partition,
            Offset = slice.Offset,
            TimestampMs = slice.TimestampMs,
            IsKey = isKey,
            KeyBytes = slice.IsKeyNull ? null : slice.Key(body).ToArray(),
            ValueBytes = slice.IsValueNull ? null : slice.Value(body).ToArray(),
            Headers = [.. batch.Source.ReadHeaders(batch.BodyStart + slice.HeadersPosition, slice.HeaderCount).Select(Copy)],
        };
    }

    static Header Copy(Header header) => header.IsNull ? header : new Header(header.Key, header.Value.ToArray());
}
