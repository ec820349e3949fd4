using System.Buffers;

namespace NetKafka.Serialization;

/// <summary>
/// A serializer that may have to wait, as for the id of a schema that a registry is asked for. Where it needs no waiting it is to complete
/// at once, and the record goes its way as with any other serializer. Records are put into their batches in the order in which they were
/// produced, however long each is waited for. One instance serves all calls of a producer, from any thread at once, so it must be
/// thread-safe. Given to <c>KafkaClient.CreateProducer</c> like any serializer.
/// </summary>
/// <typeparam name="T">The type of the key or value.</typeparam>
public interface IAsyncSerializer<in T> : ISerializer<T>
{
    /// <summary>Writes a value that is not null. Writing nothing gives an empty value.</summary>
    /// <param name="value">The value; never one for which <see cref="ISerializer{T}.IsNull"/> is true.</param>
    /// <param name="context">What it is part of.</param>
    /// <param name="destination">Where the bytes go, once it is known what they are. It must not be kept after the end of the task.</param>
    /// <param name="cancellation">Ends when the caller gives up.</param>
    /// <returns>
    /// Completes when the value is written; at the latest after <see cref="NetKafka.Producing.ProducerOptions.MaxBlock"/>, else the record
    /// fails.
    /// </returns>
    /// <exception cref="KafkaSerializationException">
    /// The value cannot be written. What else a serializer throws reaches the caller wrapped in it.
    /// </exception>
    ValueTask SerializeAsync(T value, SerializationContext context, IBufferWriter<byte> destination, CancellationToken cancellation);

    /// <summary>Producers do not call it; for others that know serializers alone that need not wait.</summary>
    /// <param name="value">The value.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <exception cref="NotSupportedException">Always, unless it is overridden.</exception>
    void ISerializer<T>.Serialize(T value, IBufferWriter<byte> destination) =>
        throw new NotSupportedException($"{GetType().Name} may have to wait: call SerializeAsync.");
}
