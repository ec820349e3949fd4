using System.Collections;
using NetKafka.Protocol.Records;

namespace NetKafka.Consuming;

/// <summary>
/// Records of one partition, as a producer batched them, read where they lie. The batch and every view of its keys, values
/// and headers live until the loop asks for the next batch; an access later than that throws. All of its records count as
/// finished when the loop asks for the next batch.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly struct ConsumerBatch<TKey, TValue> : IEnumerable<ConsumerRecord<TKey, TValue>>
{
    readonly OpenBatch<TKey, TValue>? _batch;
    readonly int _version;

    internal ConsumerBatch(OpenBatch<TKey, TValue> batch) => (_batch, _version) = (batch, batch.Version);

    /// <summary>The partition that all records are from.</summary>
    public TopicPartition TopicPartition => Open.Partition;

    /// <summary>The smallest offset that a record of the batch can have here: what lies before it was read already.</summary>
    public long FirstOffset => Open.FirstOffset;

    /// <summary>The offset of the last record, even if compaction has removed that record.</summary>
    public long LastOffset => Open.LastOffset;

    /// <summary>Where reading goes on behind the batch: what to commit once all of it is done.</summary>
    public TopicPartitionOffset Next
    {
        get
        {
            var batch = Open;
            return new TopicPartitionOffset(batch.Partition.Topic, batch.Partition.Partition, batch.LastOffset + 1, batch.LeaderEpoch);
        }
    }

    /// <summary>
    /// How many records the batch holds, those before <see cref="FirstOffset"/> included; −1 where an old format does not
    /// say.
    /// </summary>
    public int RecordCount => Open.RecordCount;

    OpenBatch<TKey, TValue> Open
    {
        get
        {
            if (_batch is null)
                throw new InvalidOperationException("This batch was never read: it is the default value.");
            _batch.Check(_version);
            return _batch;
        }
    }

    /// <summary>The records in order. Allocates nothing by itself; may be called again.</summary>
    /// <returns>The enumerator, for <c>foreach</c>.</returns>
    public Enumerator GetEnumerator() => new(Open);

    IEnumerator<ConsumerRecord<TKey, TValue>> IEnumerable<ConsumerRecord<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads the records of a batch one by one.</summary>
    public struct Enumerator : IEnumerator<ConsumerRecord<TKey, TValue>>
    {
        readonly OpenBatch<TKey, TValue> _batch;
        readonly int _version;
        RecordCursor _cursor;
        ConsumerRecord<TKey, TValue> _current;

        internal Enumerator(OpenBatch<TKey, TValue> batch)
        {
            _batch = batch;
            _version = batch.Version;
            _cursor = batch.Begin();
        }

        /// <summary>The record that the last <see cref="MoveNext"/> read.</summary>
        public readonly ConsumerRecord<TKey, TValue> Current => _current;

        readonly object IEnumerator.Current => _current;

        /// <summary>Reads the next record.</summary>
        /// <returns>False after the last.</returns>
        /// <exception cref="KafkaSerializationException">Its key or value cannot be read.</exception>
        /// <exception cref="KafkaProtocolException">Its bytes are damaged.</exception>
        /// <exception cref="InvalidOperationException">The loop has asked for the next batch.</exception>
        public bool MoveNext()
        {
            _batch.Check(_version);
            return _batch.TryRead(ref _cursor, out _current);
        }

        /// <summary>Begins again.</summary>
        public void Reset()
        {
            _batch.Check(_version);
            _cursor = _batch.Begin();
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
