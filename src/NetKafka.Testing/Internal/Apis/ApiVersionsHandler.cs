using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// ApiVersions, every version. Who looks for another node or cluster is told so (KIP-1242). Left out: the check of the software name.
/// </summary>
sealed class ApiVersionsHandler : ApiHandler<ApiVersionsRequest, ApiVersionsResponse>
{
    /// <summary>The answer to a version that is not spoken: version 0, UNSUPPORTED_VERSION and our ranges (KIP-511).</summary>
    internal static ReadOnlyMemory<byte> EncodeUnsupported(ClusterMachine machine, int correlationId)
    {
        var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt32(correlationId);
        new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion, ApiKeys = Ranges(machine) }.Write(writer, 0);
        writer.PatchInt32(0, writer.Length - 4);
        return writer.WrittenMemory;
    }

    internal override ApiVersionsResponse Fail(Call<ApiVersionsRequest, ApiVersionsResponse> call, ErrorCode error) =>
        new()
        {
            ErrorCode = error,
            ApiKeys = Ranges(call.Machine),
            ThrottleTimeMs = call.ThrottleMs,
            SupportedFeatures =
            [
                .. FinalizedFeature.All.Select(static feature => new ApiVersionsResponse.SupportedFeatureKey { Name = feature.Name, MinVersion = 0, MaxVersion = feature.Highest }),
            ],
            FinalizedFeaturesEpoch = call.Cluster.Settings.FeaturesEpoch,
            // A feature of level 0 is one that is not finalized.
            FinalizedFeatures =
            [
                .. FinalizedFeature.All.Select(feature => (feature.Name, Level: feature.Get(call.Cluster.Settings))).Where(static feature => feature.Level > 0)
                    .Select(static feature => new ApiVersionsResponse.FinalizedFeatureKey { Name = feature.Name, MinVersionLevel = feature.Level, MaxVersionLevel = feature.Level }),
            ],
        };

    protected override void Handle(Call<ApiVersionsRequest, ApiVersionsResponse> call, long nowMs) =>
        call.Answer(Fail(call, IsMeant(call) ? ErrorCode.None : ErrorCode.RebootstrapRequired));

    static bool IsMeant(Call<ApiVersionsRequest, ApiVersionsResponse> call) =>
        (call.Request.ClusterId is null || call.Request.ClusterId == call.Cluster.Settings.ClusterId)
        && (call.Request.NodeId < 0 || call.Request.NodeId == call.Broker.NodeId);

    static ApiVersionsResponse.ApiVersion[] Ranges(ClusterMachine machine)
    {
        var ranges = new List<ApiVersionsResponse.ApiVersion>();
        foreach (var handler in machine.Apis.All)
        {
            if (machine.Apis.TryGetRange(machine.Settings, handler, out var range))
            {
                ranges.Add(new ApiVersionsResponse.ApiVersion
                {
                    ApiKey = (short)handler.ApiKey, MinVersion = range.Min, MaxVersion = range.Max,
                });
            }
        }

        return [.. ranges];
    }
}
