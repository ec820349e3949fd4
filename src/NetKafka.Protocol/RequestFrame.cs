namespace NetKafka.Protocol;

/// <summary>Frames of requests: a 32-bit length, a header, the request.</summary>
public static class RequestFrame
{
    /// <summary>Writes a whole frame at the end of the writer.</summary>
    /// <typeparam name="TRequest">The request's type.</typeparam>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="request">The request.</param>
    /// <param name="version">The version to write.</param>
    /// <param name="correlationId">Comes back in the response.</param>
    /// <param name="clientId">Names the client in the broker's logs and quotas.</param>
    /// <exception cref="InvalidMessageException">The request cannot be said in the version.</exception>
    public static void Write<TRequest>(
        KafkaWriter writer, TRequest request, short version, int correlationId, string? clientId)
        where TRequest : IRequest<TRequest>
    {
        int start = writer.Length;
        writer.WriteInt32(0);
        WriteHeader(writer, TRequest.ApiKey, version, TRequest.RequestHeaderVersion(version), correlationId, clientId);
        request.Write(writer, version);
        writer.PatchInt32(start, writer.Length - start - 4);
    }

    /// <summary>Writes a header alone, without the length before it.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="apiKey">The API called.</param>
    /// <param name="version">The version of the request.</param>
    /// <param name="headerVersion">The version of the header, 1 or 2.</param>
    /// <param name="correlationId">Comes back in the response.</param>
    /// <param name="clientId">Names the client in the broker's logs and quotas.</param>
    /// <exception cref="InvalidMessageException">The client id is too long.</exception>
    public static void WriteHeader(
        KafkaWriter writer, ApiKey apiKey, short version, short headerVersion, int correlationId, string? clientId)
    {
        writer.BeginMessage("RequestHeader", headerVersion, 1, 2);
        writer.WriteInt16((short)apiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        // Never compact: a broker reads it before it knows whether it knows the version.
        writer.WriteNullableString(clientId, "ClientId");
        if (headerVersion >= 2)
        {
            writer.WriteUnsignedVarint(0);
        }
    }

    /// <summary>Tells what a frame asks for; the header's version follows from it.</summary>
    /// <param name="reader">Stands at the header. It is not moved.</param>
    /// <returns>The API, perhaps one that is not in the table, and the version of the request.</returns>
    /// <exception cref="MalformedMessageException">The frame is shorter than that.</exception>
    public static (ApiKey ApiKey, short Version) PeekApi(KafkaReader reader) =>
        ((ApiKey)reader.ReadInt16(), reader.ReadInt16());
}
