using NetKafka.Protocol;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.Sharing;
using Request = NetKafka.Protocol.Messages.ShareFetchRequest;
using Response = NetKafka.Protocol.Messages.ShareFetchResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// ShareFetch, every version: share sessions, records that are acquired, and acknowledgements (KIP-932, KIP-1206, KIP-1222). As on a
/// broker nothing is asked of the group's coordinator: whoever names a group and a member may fetch.
/// </summary>
sealed class ShareFetchHandler : ApiHandler<Request, Response>
{
    internal const int MaxMemberIdLength = 36;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var error = Begin(call, out var session);
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        var acknowledged = Acknowledge(call, nowMs);
        var request = call.Request;
        var partitions = session is null || request.IsRenewAck ? [] : InTurn(session.Partitions, request.ShareSessionEpoch);
        if (request.ShareSessionEpoch == ShareSession.FinalEpoch)
            call.Cluster.ShareSessions.Close(call.Broker.NodeId, request.GroupId!, request.MemberId!, nowMs);
        new ShareFetchTask(call, partitions, request.ShareSessionEpoch != ShareSession.FirstEpoch, acknowledged).Start(nowMs);
    }

    /// <summary>The session that the request is of; none where it ends one.</summary>
    static ErrorCode Begin(Call<Request, Response> call, out ShareSession? session)
    {
        session = null;
        var request = call.Request;
        if (call.Cluster.Settings.ShareVersion < 1)
            return ErrorCode.UnsupportedVersion;
        if (request.GroupId is not { } groupId || request.MemberId is not { Length: > 0 and <= MaxMemberIdLength } memberId)
            return ErrorCode.InvalidRequest;
        // Who renews locks fetches nothing by the same request.
        if (request.IsRenewAck && (request.MaxBytes, request.MinBytes, request.MaxRecords, request.MaxWaitMs) is not (0, 0, 0, 0))
            return ErrorCode.InvalidRequest;
        var (sessions, nodeId) = (call.Cluster.ShareSessions, call.Broker.NodeId);
        switch (request.ShareSessionEpoch)
        {
            case ShareSession.FinalEpoch:
                return sessions.Find(nodeId, groupId, memberId) is null ? ErrorCode.ShareSessionNotFound : ErrorCode.None;
            case ShareSession.FirstEpoch:
                if (HasAcknowledgements(request))
                    return ErrorCode.InvalidRequest;
                session = sessions.TryCreate(nodeId, groupId, memberId, call.Connection.Id);
                if (session is null)
                    return ErrorCode.ShareSessionLimitReached;
                Update(session, request, isNew: true);
                return ErrorCode.None;
            default:
                var error = sessions.Continue(nodeId, groupId, memberId, request.ShareSessionEpoch, out session);
                if (error == ErrorCode.None)
                    Update(session!, request, isNew: false);
                return error;
        }
    }

    static void Update(ShareSession session, Request request, bool isNew)
    {
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
                session.Add(new TopicIdPartition(topic.TopicId, partition.PartitionIndex), mustTell: !isNew);
        }

        foreach (var topic in request.ForgottenTopicsData)
        {
            foreach (var partition in topic.Partitions)
                session.Forget(new TopicIdPartition(topic.TopicId, partition));
        }
    }

    static bool HasAcknowledgements(Request request) =>
        request.Topics.Any(static topic => topic.Partitions.Any(static partition => partition.AcknowledgementBatches.Length > 0));

    static ShareAcknowledgements Acknowledge(Call<Request, Response> call, long nowMs)
    {
        var acknowledged = new ShareAcknowledgements();
        var request = call.Request;
        if (!HasAcknowledgements(request))
            return acknowledged;
        var claim = new ShareClaim(request.GroupId!, request.MemberId!, request.IsRenewAck);
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                acknowledged.Take(call, claim, new TopicIdPartition(topic.TopicId, partition.PartitionIndex), [.. partition.AcknowledgementBatches.Select(
                    static batch => new Acknowledgement(batch.FirstOffset, batch.LastOffset, batch.AcknowledgeTypes))], nowMs);
            }
        }

        return acknowledged;
    }

    /// <summary>Each epoch another partition is the first, so that none starves under a limit.</summary>
    static SharedPartition[] InTurn(IReadOnlyList<SharedPartition> partitions, int epoch)
    {
        var first = partitions.Count == 0 ? 0 : epoch % partitions.Count;
        return [.. partitions.Skip(first), .. partitions.Take(first)];
    }
}
