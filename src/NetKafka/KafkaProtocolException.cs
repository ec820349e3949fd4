namespace NetKafka;

/// <summary>
/// The two sides do not understand each other: a broker has no version of a request that this call can use, or it sent
/// bytes that are not the answer they claim to be.
/// </summary>
/// <param name="message">Which API, which versions or which byte, and at which broker.</param>
/// <param name="inner">The decoding error, if there was one.</param>
public sealed class KafkaProtocolException(string message, Exception? inner = null) : KafkaException(message, inner);
