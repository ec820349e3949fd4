namespace NetKafka.Serialization;

/// <summary>
/// A deserializer that may have to wait, as for a schema that a registry is asked for. Where it needs no waiting it is to complete at once,
/// and the record is read as with any other deserializer. Records are handed out in their order, however long each is waited for; handlers of
/// <see cref="Consumer{TKey, TValue}.ProcessAsync"/> wait side by side. Batches are read at once, so
/// <see cref="Consumer{TKey, TValue}.ReadBatchesAsync"/> and <see cref="Producer{TKey, TValue}.ProcessAsync"/> refuse it. Given to
/// <c>KafkaClient.CreateConsumer</c> like any deserializer.
/// </summary>
/// <typeparam name="T">The type of the key or value.</typeparam>
public interface IAsyncDeserializer<T> : IDeserializer<T>
{
    /// <summary>Reads a key or value that is not null.</summary>
    /// <param name="bytes">All of its bytes, perhaps none. They are valid until the task has completed.</param>
    /// <param name="context">What it is part of. Where nothing but the topic is needed, the headers cost nothing.</param>
    /// <param name="cancellation">Ends when the loop is cancelled, or when the record is not to be handled here any more.</param>
    /// <returns>The key or value.</returns>
    /// <exception cref="KafkaSerializationException">
    /// The bytes are not such a value. What else a deserializer throws reaches the reader wrapped in it, as that of any deserializer
    /// (<see cref="NetKafka.Consuming.ConsumerOptions.OnUnreadableRecord"/>).
    /// </exception>
    ValueTask<T> DeserializeAsync(ReadOnlyMemory<byte> bytes, DeserializationContext context, CancellationToken cancellation);

    /// <summary>Consumers do not call it; for others that know deserializers alone that need not wait.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="NotSupportedException">Always, unless it is overridden.</exception>
    T IDeserializer<T>.Deserialize(ReadOnlySpan<byte> bytes) =>
        throw new NotSupportedException($"{GetType().Name} may have to wait: call DeserializeAsync.");
}
