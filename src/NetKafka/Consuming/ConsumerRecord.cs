using NetKafka.Protocol.Records;

namespace NetKafka.Consuming;

/// <summary>
/// A record as it was read. Keys and values of type <see cref="ReadOnlyMemory{T}"/> and the values of headers lie in the
/// consumer's own buffer and live until the loop asks for the next record, of a batch until it asks for the next batch; an
/// access later than that throws. Everything else may be kept.
/// </summary>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
public readonly struct ConsumerRecord<TKey, TValue>
{
    readonly RecordSource? _source;
    readonly int _headersPosition;
    readonly int _headerCount;
    readonly sbyte _timestampType;

    /// <summary>Makes a record that no consumer read, for tests of code that takes records.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="timestamp">The record's time.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="headers">The headers; null for none.</param>
    public ConsumerRecord(
        string topic, int partition, long offset, DateTimeOffset timestamp, TKey key, TValue value, IReadOnlyList<Header>? headers = null)
    {
        ArgumentNullException.ThrowIfNull(topic);
        _source = new DetachedSource(topic, partition, headers ?? []);
        (Offset, TimestampMs, LeaderEpoch) = (offset, timestamp.ToUnixTimeMilliseconds(), -1);
        (Key, Value) = (key, value);
    }

    internal ConsumerRecord(
        RecordSource source, in RecordSlice slice, int bodyStart, int leaderEpoch, TimestampType timestampType, TKey key, TValue value)
    {
        _source = source;
        _headersPosition = bodyStart + slice.HeadersPosition;
        _headerCount = slice.HeaderCount;
        _timestampType = (sbyte)timestampType;
        LeaderEpoch = leaderEpoch;
        Offset = slice.Offset;
        TimestampMs = slice.TimestampMs;
        Key = key;
        Value = value;
    }

    ConsumerRecord(
        RecordSource? source, int headersPosition, int headerCount, sbyte timestampType, int leaderEpoch, long offset, long timestampMs, TKey key, TValue value)
    {
        (_source, _headersPosition, _headerCount, _timestampType) = (source, headersPosition, headerCount, timestampType);
        (LeaderEpoch, Offset, TimestampMs, Key, Value) = (leaderEpoch, offset, timestampMs, key, value);
    }

    /// <summary>The topic's name.</summary>
    public string Topic => _source?.Topic ?? "";

    /// <summary>The partition's number, from 0.</summary>
    public int Partition => _source?.Partition ?? -1;

    /// <summary>Topic and partition.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>
    /// The record's place in its partition. Offsets ascend, with gaps where compaction or transactions left them.
    /// </summary>
    public long Offset { get; }

    /// <summary>The epoch of the leader that appended the record (KIP-320); −1 if the broker does not tell.</summary>
    public int LeaderEpoch { get; }

    /// <summary>The record's timestamp in milliseconds since 1970, as the broker sent it; −1 where the format has none.</summary>
    public long TimestampMs { get; }

    /// <summary>
    /// The record's timestamp in UTC. What is outside the range of <see cref="DateTimeOffset"/> becomes its nearest end; the
    /// exact number is in <see cref="TimestampMs"/>.
    /// </summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
        TimestampMs, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <summary>Whether the producer or the broker set the timestamp.</summary>
    public TimestampType TimestampType => (TimestampType)_timestampType;

    /// <summary>The key.</summary>
    public TKey Key { get; }

    /// <summary>The value.</summary>
    public TValue Value { get; }

    /// <summary>
    /// The headers in their order, decoded at each access; keep the result rather than ask twice. Their values live as long
    /// as the record.
    /// </summary>
    /// <exception cref="InvalidOperationException">The loop has asked for the next record already.</exception>
    public IReadOnlyList<Header> Headers => _source?.ReadHeaders(_headersPosition, _headerCount) ?? [];

    /// <summary>The place behind this record: what to commit when it is done.</summary>
    public TopicPartitionOffset Next => new(Topic, Partition, Offset + 1, LeaderEpoch);

    /// <summary>The last header of a key, which is the one that counts where a key repeats (KIP-82).</summary>
    /// <param name="key">The key, compared exactly.</param>
    /// <param name="header">The header.</param>
    /// <returns>Whether the record has one.</returns>
    /// <exception cref="InvalidOperationException">The loop has asked for the next record already.</exception>
    public bool TryGetHeader(string key, out Header header)
    {
        var headers = Headers;
        for (var i = headers.Count - 1; i >= 0; i--)
        {
            if (headers[i].Key != key)
                continue;
            header = headers[i];
            return true;
        }
        header = default;
        return false;
    }

    /// <summary>The same record with another key and another value.</summary>
    /// <typeparam name="TOtherKey">The type of the other key.</typeparam>
    /// <typeparam name="TOtherValue">The type of the other value.</typeparam>
    /// <param name="key">The other key.</param>
    /// <param name="value">The other value.</param>
    /// <returns>The record.</returns>
    public ConsumerRecord<TOtherKey, TOtherValue> With<TOtherKey, TOtherValue>(TOtherKey key, TOtherValue value) =>
        ConsumerRecord<TOtherKey, TOtherValue>.Of(_source, _headersPosition, _headerCount, _timestampType, LeaderEpoch, Offset, TimestampMs, key, value);

    /// <summary>Partition and offset, as <c>payments-3@42</c>; never key or value.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Topic}-{Partition}@{Offset}";

    internal static ConsumerRecord<TKey, TValue> Of(
        RecordSource? source, int headersPosition, int headerCount, sbyte timestampType, int leaderEpoch, long offset, long timestampMs, TKey key, TValue value) =>
        new(source, headersPosition, headerCount, timestampType, leaderEpoch, offset, timestampMs, key, value);
}
