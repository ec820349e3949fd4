using System.Buffers.Binary;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Connections;

/// <summary>
/// The first question on every connection: which versions do you speak (KIP-35, KIP-511)? A broker that does not know the
/// version of the question answers in version 0 with an error and the range it knows; some drop the connection instead. From version 5 on
/// it says who is looked for, so that a node that is another can say so (KIP-1242).
/// </summary>
/// <param name="version">In which version to ask.</param>
/// <param name="clusterId">The cluster that is looked for; null where it does not matter who answers.</param>
/// <param name="nodeId">The node that is looked for.</param>
/// <param name="onAnswer">Takes the answer.</param>
/// <param name="onFailure">Takes the failure.</param>
sealed class VersionsRequest(
    short version, string? clusterId, int nodeId, Action<ApiVersionsResponse, Instant> onAnswer, Action<RequestFailure> onFailure) : BrokerRequest
{
    const string SoftwareName = "netkafka";
    static readonly string SoftwareVersion = typeof(VersionsRequest).Assembly.GetName().Version?.ToString(3) ?? "0";

    public short Version { get; } = version;

    public override ApiKey ApiKey => ApiKey.ApiVersions;

    public override short LowestVersion => 0;

    public override short HighestVersion => ApiVersionsRequest.HighestStableVersion;

    public override short RequestHeaderVersion(short version) => ApiVersionsRequest.RequestHeaderVersion(version);

    public override short ResponseHeaderVersion(short version) => ApiVersionsRequest.ResponseHeaderVersion(version);

    public override void Write(SendBuffer buffer, short version)
    {
        var body = BodyOf(version);
        if (version >= 5 && clusterId is not null)
            (body.ClusterId, body.NodeId) = (clusterId, nodeId);
        body.Write(buffer.Writer, version);
    }

    /// <summary>The body for whoever asks for no certain cluster and node.</summary>
    public static ApiVersionsRequest BodyOf(short version) =>
        version >= 3 ? new ApiVersionsRequest { ClientSoftwareName = SoftwareName, ClientSoftwareVersion = SoftwareVersion } : new ApiVersionsRequest();

    public override TimeSpan OnAnswer(in Answer answer)
    {
        var isOldAnswer = answer.Body.Length >= 2
            && BinaryPrimitives.ReadInt16BigEndian(answer.Body.Span) == (short)ErrorCode.UnsupportedVersion;
        var version = isOldAnswer ? (short)0 : answer.Version;
        var reader = new KafkaReader(answer.Body, ApiVersionsResponse.Name, version);
        var response = ApiVersionsResponse.Read(ref reader, version);
        reader.EnsureEnd();
        onAnswer(response, answer.Now);
        return TimeSpan.FromMilliseconds(Math.Max(0, response.ThrottleTimeMs));
    }

    public override void OnFailure(RequestFailure failure, Instant now) => onFailure(failure);
}
