namespace NetKafka.Serialization;

/// <summary>Both directions of one format: what <see cref="Serdes"/> offers can be given to producers and to consumers.</summary>
/// <typeparam name="T">The type of the key or value.</typeparam>
public interface ISerde<T> : ISerializer<T>, IDeserializer<T>;
