namespace NetKafka.Consuming;

/// <summary>
/// Looks on as records are read and offsets committed, and may change keys and values: for tracing, for counting, to unwrap what a producer's
/// interceptor has wrapped (KIP-42). What it throws is logged and has no other effect. Given to <c>KafkaClient.CreateConsumer</c>.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public abstract class ConsumerInterceptor<TKey, TValue>
{
    /// <summary>
    /// A record was deserialized and is about to be handed out: by a loop, within a batch, by a poll, or to a handler of a runner, which takes
    /// records into hand some time before. Called on the thread that reads. A record that is read again is seen again.
    /// </summary>
    /// <param name="record">The record, as the interceptor before this one has left it.</param>
    /// <returns>
    /// The record to hand out; by default the same. Only its key and its value count, as
    /// <see cref="ConsumerRecord{TKey, TValue}.With{TOtherKey, TOtherValue}"/> sets them: place, time and headers stay.
    /// </returns>
    public virtual ConsumerRecord<TKey, TValue> OnConsume(in ConsumerRecord<TKey, TValue> record) => record;

    /// <summary>
    /// The coordinator has taken offsets, by a call or by itself. Called among the client's other callbacks, so perhaps beside
    /// <see cref="OnConsume"/>. Offsets that were committed within a transaction are the producer's and not told of.
    /// </summary>
    /// <param name="offsets">The offsets, by partition.</param>
    public virtual void OnCommit(IReadOnlyList<TopicPartitionOffset> offsets)
    {
    }
}
