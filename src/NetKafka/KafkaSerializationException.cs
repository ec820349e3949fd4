namespace NetKafka;

/// <summary>
/// A key or value could not be turned into bytes, or bytes into a key or value. It concerns one record; nothing of that
/// record was written, and a reader may go on behind it.
/// </summary>
/// <param name="message">Which type, what is wrong with the value or the bytes (never the value itself), and what to do.</param>
/// <param name="inner">The error of the serializer, if it threw one.</param>
public sealed class KafkaSerializationException(string message, Exception? inner = null) : KafkaException(message, inner);
