using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Reads requests as they lie on the wire.</summary>
static class RequestBody
{
    /// <param name="frame">The whole frame, its header included, without its length.</param>
    /// <param name="version">The version that its header names.</param>
    /// <exception cref="MalformedMessageException">It is no such request.</exception>
    public static TRequest Read<TRequest, TResponse>(ReadOnlyMemory<byte> frame, short version)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        var reader = new KafkaReader(frame, "RequestHeader", 1);
        reader.ReadInt64();
        reader.ReadNullableString();
        if (TRequest.RequestHeaderVersion(version) >= 2)
            reader.SkipTags();
        var body = new KafkaReader(frame[reader.Position..], TRequest.Name, version);
        return TRequest.Read(ref body, version);
    }
}
