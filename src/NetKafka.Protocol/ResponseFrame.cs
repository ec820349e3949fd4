namespace NetKafka.Protocol;

/// <summary>Frames of responses: a 32-bit length, a header, the response.</summary>
public static class ResponseFrame
{
    /// <summary>Writes a whole frame at the end of the writer.</summary>
    /// <typeparam name="TResponse">The response's type.</typeparam>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="response">The response.</param>
    /// <param name="version">The version to write.</param>
    /// <param name="headerVersion">What <see cref="IRequest{TSelf}.ResponseHeaderVersion"/> says, 0 or 1.</param>
    /// <param name="correlationId">That of the request.</param>
    /// <exception cref="InvalidMessageException">The response cannot be said in the version.</exception>
    public static void Write<TResponse>(
        KafkaWriter writer, TResponse response, short version, short headerVersion, int correlationId)
        where TResponse : IMessage<TResponse>
    {
        int start = writer.Length;
        writer.WriteInt32(0);
        WriteHeader(writer, headerVersion, correlationId);
        response.Write(writer, version);
        writer.PatchInt32(start, writer.Length - start - 4);
    }

    /// <summary>Writes a header alone, without the length before it.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="headerVersion">The version of the header, 0 or 1.</param>
    /// <param name="correlationId">That of the request.</param>
    public static void WriteHeader(KafkaWriter writer, short headerVersion, int correlationId)
    {
        writer.BeginMessage("ResponseHeader", headerVersion, 0, 1);
        writer.WriteInt32(correlationId);
        if (headerVersion >= 1)
        {
            writer.WriteUnsignedVarint(0);
        }
    }

    /// <summary>Reads a header and leaves the reader at the response.</summary>
    /// <param name="reader">Stands at the header.</param>
    /// <param name="headerVersion">What <see cref="IRequest{TSelf}.ResponseHeaderVersion"/> says, 0 or 1.</param>
    /// <returns>The correlation id.</returns>
    /// <exception cref="MalformedMessageException">The bytes are no such header.</exception>
    public static int ReadHeader(ref KafkaReader reader, short headerVersion)
    {
        int correlationId = reader.ReadInt32();
        if (headerVersion >= 1)
        {
            reader.SkipTags();
        }
        return correlationId;
    }

    /// <summary>Reads a message that fills the bytes to their end.</summary>
    /// <typeparam name="TMessage">The message's type.</typeparam>
    /// <param name="data">The message alone, without length and header.</param>
    /// <param name="version">The version the bytes are in.</param>
    /// <returns>The message.</returns>
    /// <exception cref="MalformedMessageException">The bytes are no such message, or more than one.</exception>
    public static TMessage ReadBody<TMessage>(ReadOnlyMemory<byte> data, short version)
        where TMessage : IMessage<TMessage>
    {
        var reader = new KafkaReader(data, TMessage.Name, version);
        TMessage message = TMessage.Read(ref reader, version);
        reader.EnsureEnd();
        return message;
    }
}
