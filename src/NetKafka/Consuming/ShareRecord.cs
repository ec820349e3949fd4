using NetKafka.Protocol.Records;

namespace NetKafka.Consuming;

/// <summary>
/// A record that a share group has handed to this consumer. Keys and values of type <see cref="ReadOnlyMemory{T}"/> and the values of headers lie in the
/// consumer's own buffer and live until the loop asks for the next record, of a batch until it asks for the next batch, in a handler until it has
/// ended; an access later than that throws. Everything else may be kept, and the record be acknowledged later.
/// </summary>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
public readonly struct ShareRecord<TKey, TValue>
{
    /// <summary>Makes a record that no consumer read, for tests of code that takes records.</summary>
    /// <param name="record">The record.</param>
    /// <param name="deliveryCount">How often it has been delivered.</param>
    public ShareRecord(ConsumerRecord<TKey, TValue> record, short deliveryCount = 1)
        : this(record, null, -1, deliveryCount)
    {
    }

    internal ShareRecord(in ConsumerRecord<TKey, TValue> record, AcquiredRecords? acquired, int index, short deliveryCount) =>
        (Record, Acquired, Index, DeliveryCount) = (record, acquired, index, deliveryCount);

    /// <summary>The record itself.</summary>
    public ConsumerRecord<TKey, TValue> Record { get; }

    /// <summary>
    /// How often the group has handed the record out, this time included: 1 for the first time. At <c>share.delivery.count.limit</c> of the
    /// group, by default 5, it is the last time.
    /// </summary>
    public short DeliveryCount { get; }

    /// <summary>The topic's name.</summary>
    public string Topic => Record.Topic;

    /// <summary>The partition's number, from 0.</summary>
    public int Partition => Record.Partition;

    /// <summary>Topic and partition.</summary>
    public TopicPartition TopicPartition => Record.TopicPartition;

    /// <summary>The record's place in its partition. Records that come again come with smaller offsets than those before them.</summary>
    public long Offset => Record.Offset;

    /// <summary>The key.</summary>
    public TKey Key => Record.Key;

    /// <summary>The value.</summary>
    public TValue Value => Record.Value;

    /// <summary>The record's timestamp in UTC; see <see cref="ConsumerRecord{TKey, TValue}.Timestamp"/>.</summary>
    public DateTimeOffset Timestamp => Record.Timestamp;

    /// <summary>The headers in their order, decoded at each access.</summary>
    /// <exception cref="InvalidOperationException">The loop has asked for the next record already.</exception>
    public IReadOnlyList<Header> Headers => Record.Headers;

    internal AcquiredRecords? Acquired { get; }

    internal int Index { get; }

    /// <summary>Partition and offset, as <c>payments-3@42</c>; never key or value.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Record.ToString();
}
