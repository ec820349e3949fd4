namespace NetKafka.Producing;

/// <summary>
/// Looks on as records are produced, and may change them: for tracing, for headers that every record is to have, for counting (KIP-42).
/// Both methods are called by several threads at once, so an interceptor must be thread-safe. What it throws is logged and given to
/// <see cref="ProducerOptions.OnCallbackError"/>, and has no other effect. Given to <c>KafkaClient.CreateProducer</c>.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public abstract class ProducerInterceptor<TKey, TValue>
{
    /// <summary>
    /// A record is about to be serialized, on the thread of its caller. Where <c>TryPost</c> does not take it and it is produced once more,
    /// it is seen once more.
    /// </summary>
    /// <param name="record">The record, as the interceptor before this one has left it.</param>
    /// <returns>The record to produce; by default the same.</returns>
    public virtual ProducerRecord<TKey, TValue> OnProduce(in ProducerRecord<TKey, TValue> record) => record;

    /// <summary>
    /// A record has its outcome: delivered, failed, or refused by an error of Kafka's before it was buffered. Called before its callback, in
    /// the same way as <see cref="DeliveryCallback"/> says; of a record whose caller gave up before it was buffered nothing is told, nor of
    /// one that was produced outside of a transaction or after the end of the producer.
    /// </summary>
    /// <param name="report">The outcome, with the state that was given with the record.</param>
    public virtual void OnOutcome(in DeliveryReport report)
    {
    }
}
