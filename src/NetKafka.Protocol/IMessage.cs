namespace NetKafka.Protocol;

/// <summary>
/// A message of the wire: a request, a response, or data that travels inside one. Messages are plain mutable objects for
/// one thread at a time.
/// </summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface IMessage<TSelf>
    where TSelf : IMessage<TSelf>
{
    /// <summary>The name that errors give the message, such as <c>MetadataRequest</c>.</summary>
    static abstract string Name { get; }

    /// <summary>The lowest version that can be read and written.</summary>
    static abstract short LowestVersion { get; }

    /// <summary>The highest version that can be read and written.</summary>
    static abstract short HighestVersion { get; }

    /// <summary>Reads one message and leaves the reader behind its last byte.</summary>
    /// <param name="reader">Stands at the first byte of the message.</param>
    /// <param name="version">The version the bytes are in.</param>
    /// <returns>The message. Its records point into the frame; all else is copied.</returns>
    /// <exception cref="MalformedMessageException">The bytes are no such message, or the version is not known.</exception>
    static abstract TSelf Read(ref KafkaReader reader, short version);

    /// <summary>Writes the message.</summary>
    /// <param name="writer">Takes the bytes at its end.</param>
    /// <param name="version">The version to write.</param>
    /// <exception cref="InvalidMessageException">
    /// The version is not known, or a value cannot be said in it. What was written before stays in the writer.
    /// </exception>
    void Write(KafkaWriter writer, short version);
}
