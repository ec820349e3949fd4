using System.Runtime.CompilerServices;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>Makes typed records of the open batch of a <see cref="OpenedBatch"/>.</summary>
sealed class RecordMaker<TKey, TValue>(IDeserializer<TKey> keys, IDeserializer<TValue> values)
{
    readonly bool _keysAreViews = keys is MemorySerde;
    readonly bool _valuesAreViews = values is MemorySerde;

    /// <summary>Makes the records where the plain way does not do; null where it does.</summary>
    public RecordExtension<TKey, TValue>? Extension { get; init; }

    /// <summary>Whether the record that was made last is not complete: its key or value is waited for.</summary>
    public bool IsPending => Extension?.Pending is not null;

    /// <summary>Told of what lies between the records: the ends of transactions.</summary>
    public Action<TransactionMarker>? OnMarker { get; init; }

    /// <exception cref="KafkaSerializationException">Its key or value cannot be read.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ConsumerRecord<TKey, TValue> Make(OpenedBatch batch, ReadOnlySpan<byte> body, in RecordSlice slice)
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

    /// <summary>As <see cref="Make"/>, where the plain way may not do.</summary>
    /// <exception cref="KafkaSerializationException">Its key or value cannot be read.</exception>
    public ConsumerRecord<TKey, TValue> MakeAny(ChunkReader batch, ReadOnlySpan<byte> body, in RecordSlice slice) =>
        Extension is { } extension ? extension.Make(batch, body, slice) : Make(batch, body, slice);

    /// <summary>Takes what the record that was made last waits for; null if nothing.</summary>
    public PendingRecord? TakePending()
    {
        if (Extension?.Pending is not { } pending)
            return null;
        Extension.Pending = null;
        return pending;
    }

    /// <summary>Reads a key or value at once.</summary>
    /// <exception cref="KafkaSerializationException">It cannot be read.</exception>
    public static T ReadOrView<T>(
        IDeserializer<T> format, OpenedBatch batch, ReadOnlySpan<byte> body, int position, int length, in RecordSlice slice, bool isKey) =>
        format is MemorySerde ? View<T>(batch, position, length) : Read(format, batch, body, position, length, slice, isKey);

    /// <summary>
    /// The bytes where they lie. Only for T = ReadOnlyMemory&lt;byte&gt;, whose serde it is that was asked for.
    /// </summary>
    static T View<T>(OpenedBatch batch, int position, int length)
    {
        var view = length < 0 ? default : batch.Source.Slice(batch.BodyStart + position, length);
        return Unsafe.As<ReadOnlyMemory<byte>, T>(ref view);
    }

    static T Read<T>(
        IDeserializer<T> format, OpenedBatch batch, ReadOnlySpan<byte> body, int position, int length, in RecordSlice slice, bool isKey)
    {
        try
        {
            return length < 0 ? format.DeserializeNull() : format.Deserialize(body.Slice(position, length));
        }
        catch (Exception error)
        {
            throw Unreadable(error, new TopicPartition(batch.Source.Topic, batch.Source.Partition), batch.Source, batch.BodyStart, slice, isKey);
        }
    }

    /// <summary>What is thrown of a record that cannot be read.</summary>
    public static KafkaSerializationException Unreadable(
        Exception error, TopicPartition partition, FetchedSource source, int bodyStart, in RecordSlice slice, bool isKey)
    {
        var body = source.Bytes[bodyStart..];
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
            Headers = [.. source.ReadHeaders(bodyStart + slice.HeadersPosition, slice.HeaderCount).Select(Copy)],
        };
    }

    static Header Copy(Header header) => header.IsNull ? header : new Header(header.Key, header.Value.ToArray());
}
