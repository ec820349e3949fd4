namespace NetKafka.Serialization;

/// <summary>
/// Turns the bytes of a record into keys or values. One instance serves all records of a consumer; it must be thread-safe
/// where it is shared by several consumers.
/// </summary>
/// <typeparam name="T">The type of the key or value.</typeparam>
public interface IDeserializer<out T>
{
    /// <summary>Reads a key or value that is not null.</summary>
    /// <param name="bytes">All of its bytes, perhaps none. They are valid during the call only.</param>
    /// <returns>The key or value.</returns>
    /// <exception cref="KafkaSerializationException">
    /// The bytes are not such a value. What else a deserializer throws reaches the reader wrapped in it.
    /// </exception>
    T Deserialize(ReadOnlySpan<byte> bytes);

    /// <summary>What a null key or value (length −1 on the wire) is read as. Default: null where the type has one.</summary>
    /// <returns>The key or value.</returns>
    /// <exception cref="KafkaSerializationException">The type has no null; use its nullable form.</exception>
    T DeserializeNull() => default(T) is null
        ? default!
        : throw new KafkaSerializationException(
            $"The record holds a null where a {typeof(T).Name} is read, which has none: read {typeof(T).Name}? instead.");
}
