using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.Sharing;
using Request = NetKafka.Protocol.Messages.ShareAcknowledgeRequest;
using Response = NetKafka.Protocol.Messages.ShareAcknowledgeResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ShareAcknowledge, every version: what members say of the records that they have (KIP-932, KIP-1222).</summary>
sealed class ShareAcknowledgeHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var error = Check(call);
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        var request = call.Request;
        var acknowledged = new ShareAcknowledgements();
        var claim = new ShareClaim(request.GroupId!, request.MemberId!, request.IsRenewAck);
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                acknowledged.Take(call, claim, new TopicIdPartition(topic.TopicId, partition.PartitionIndex), [.. partition.AcknowledgementBatches.Select(
                    static batch => new Acknowledgement(batch.FirstOffset, batch.LastOffset, batch.AcknowledgeTypes))], nowMs);
            }
        }

        if (request.ShareSessionEpoch == ShareSession.FinalEpoch)
            call.Cluster.ShareSessions.Close(call.Broker.NodeId, claim.GroupId, claim.MemberId, nowMs);
        call.Answer(new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            AcquisitionLockTimeoutMs = call.Version < 2
                ? 0 : call.Cluster.GroupConfigs.Number(claim.GroupId, GroupConfigNames.ShareRecordLockDurationMs),
            Responses = [.. acknowledged.Results.GroupBy(static row => row.Key.TopicId).Select(static topic => new Response.ShareAcknowledgeTopicResponse
            {
                TopicId = topic.Key,
                Partitions = [.. topic.Select(static row => new Response.PartitionData
                {
                    PartitionIndex = row.Key.Partition, ErrorCode = row.Result.Error, ErrorMessage = row.Result.Message,
                })],
            })],
        });
    }

    /// <summary>Moves the session's epoch on; a session that is to end stays as it is until its acknowledgements are taken.</summary>
    static ErrorCode Check(Call<Request, Response> call)
    {
        var request = call.Request;
        if (call.Cluster.Settings.ShareVersion < 1)
            return ErrorCode.UnsupportedVersion;
        if (request.GroupId is not { } groupId || request.MemberId is not { Length: > 0 and <= ShareFetchHandler.MaxMemberIdLength } memberId)
            return ErrorCode.InvalidRequest;
        var (sessions, nodeId) = (call.Cluster.ShareSessions, call.Broker.NodeId);
        return request.ShareSessionEpoch switch
        {
            ShareSession.FirstEpoch => ErrorCode.InvalidShareSessionEpoch,
            ShareSession.FinalEpoch => sessions.Find(nodeId, groupId, memberId) is null ? ErrorCode.ShareSessionNotFound : ErrorCode.None,
            _ => sessions.Continue(nodeId, groupId, memberId, request.ShareSessionEpoch, out _),
        };
    }
}
