using System.Buffers;

namespace NetKafka.Serialization;

/// <summary>
/// Turns keys or values into the bytes of a record. One instance serves all calls of a producer, from any thread at once,
/// so it must be thread-safe.
/// </summary>
/// <typeparam name="T">The type of the key or value.</typeparam>
public interface ISerializer<in T>
{
    /// <summary>
    /// Whether a value is written as Kafka's null (a tombstone, for the value of a compacted topic), which is not the same
    /// as empty. Default: null references and <see cref="Nullable{T}"/> without a value are.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <returns>True if the record gets a null; <see cref="Serialize"/> is not called then.</returns>
    bool IsNull(T value) => value is null;

    /// <summary>Writes a value that is not null. Writing nothing gives an empty value.</summary>
    /// <param name="value">The value; never one for which <see cref="IsNull"/> is true.</param>
    /// <param name="destination">Where the bytes go. It must not be kept after the call.</param>
    /// <exception cref="KafkaSerializationException">
    /// The value cannot be written. What else a serializer throws reaches the caller wrapped in it.
    /// </exception>
    void Serialize(T value, IBufferWriter<byte> destination);
}
