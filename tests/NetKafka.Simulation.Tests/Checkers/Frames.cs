using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Requests as they lie on the wire, for tests of what looks at them.</summary>
static class Frames
{
    /// <summary>The frame of a request, its header included, without its length.</summary>
    public static byte[] Of<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version, int correlationId = 1)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        var writer = new KafkaWriter(1024);
        writer.WriteInt16((short)TRequest.ApiKey);
        writer.WriteInt16(version);
        writer.WriteInt32(correlationId);
        writer.WriteNullableString("c", "ClientId");
        if (TRequest.RequestHeaderVersion(version) >= 2)
            writer.WriteUnsignedVarint(0);
        request.Write(writer, version);
        return writer.WrittenSpan.ToArray();
    }
}
