using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Tests.Support;

/// <summary>A request that a machine sent, to be read and answered by a test.</summary>
sealed class SentRequest(BrokerRequest request, RequestTarget target, LaneKey lane, short maxVersion)
{
    public BrokerRequest Request { get; } = request;

    public RequestTarget Target { get; } = target;

    public LaneKey Lane { get; } = lane;

    public short Version { get; } = Math.Min(request.HighestVersion, maxVersion);

    /// <summary>The body as it would arrive, borrowed bytes included.</summary>
    public TRequest Read<TRequest>()
        where TRequest : IMessage<TRequest>
    {
        var buffer = new SendBuffer(256);
        Request.Write(buffer, Version);
        var segments = new List<ArraySegment<byte>>();
        buffer.CopySegmentsTo(segments);
        return ResponseFrame.ReadBody<TRequest>(segments.SelectMany(segment => segment).ToArray(), Version);
    }

    /// <summary>Answers with a response, encoded as on the wire.</summary>
    /// <returns>The throttle time that the connection would obey.</returns>
    public TimeSpan Answer<TResponse>(TResponse response, Instant now, int nodeId = 1)
        where TResponse : IMessage<TResponse>
    {
        var writer = new KafkaWriter();
        response.Write(writer, Version);
        return Request.OnAnswer(new Answer(writer.WrittenMemory, Version, null, nodeId, now));
    }

    public void Fail(RequestFailureReason reason, Instant now) =>
        Request.OnFailure(new RequestFailure(reason, "localhost:9092 (node 1)", $"it was made to fail: {reason}"), now);
}
