using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>A record in hand with what its handler is given.</summary>
sealed class TypedWorkItem<TKey, TValue> : WorkItem
{
    public ConsumerRecord<TKey, TValue> Record { get; set; }

    /// <summary>What is waited for before its handler is called.</summary>
    public PendingRecord? Pending { get; set; }

    /// <summary>Why there is no record.</summary>
    public KafkaSerializationException? Unreadable { get; set; }

    public override void Clear()
    {
        base.Clear();
        (Record, Pending, Unreadable) = (default, null, null);
    }
}
