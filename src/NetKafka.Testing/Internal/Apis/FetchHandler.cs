using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Fetching;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// Fetch, every version, for consumers: by name and by topic id, sessions, waiting for min bytes, byte limits with a first
/// batch of any size, leader epochs, diverging epochs, both isolation levels, followers as the rack-aware selector names them. Left out:
/// replicas as readers, tiered storage, quotas, the eviction of old sessions.
/// </summary>
sealed class FetchHandler : ApiHandler<FetchRequest, FetchResponse>
{
    const int FullEpoch = 0;
    const int SessionlessEpoch = -1;

    internal override FetchResponse Fail(Call<FetchRequest, FetchResponse> call, ErrorCode error)
    {
        call.Connection.HealthyFetchSession = 0;
        var response = new FetchResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };
        response.Responses = [.. call.Request.Topics.Select(topic => new FetchResponse.FetchableTopicResponse
        {
            Topic = topic.Topic,
            TopicId = topic.TopicId,
            Partitions = [.. topic.Partitions.Select(partition => new FetchResponse.PartitionData
            {
                PartitionIndex = partition.Partition,
                ErrorCode = error,
                HighWatermark = -1,
                AbortedTransactions = null,
                Records = ReadOnlyMemory<byte>.Empty,
            })],
        })];
        return response;
    }

    protected override void Handle(Call<FetchRequest, FetchResponse> call, long nowMs)
    {
        var request = call.Request;
        var nodeId = call.Broker.NodeId;
        var sessions = call.Cluster.Sessions;
        var usesTopicIds = call.Version >= 13;
        if (request.SessionEpoch is FullEpoch or SessionlessEpoch)
        {
            if (request.SessionEpoch == FullEpoch && IsNeedless(call))
            {
                call.Machine.Faults?.OnNeedlessFullFetch(call.ClientId, nodeId);
                call.Answer(Fail(call, ErrorCode.InvalidRequest));
                return;
            }

            if (request.SessionId != 0)
                sessions.Remove(nodeId, request.SessionId);
            var created = request.SessionEpoch == FullEpoch && call.Version >= 7
                ? sessions.TryCreate(nodeId, usesTopicIds)
                : null;
            var read = created ?? new FetchSession(0, usesTopicIds);
            Update(read, request);
            new FetchTask(call, created, isIncremental: false, read.Snapshot()).Start(nowMs);
            return;
        }

        var error = sessions.Continue(nodeId, request.SessionId, request.SessionEpoch, usesTopicIds, out var session);
        if (error != ErrorCode.None)
        {
            call.Connection.HealthyFetchSession = 0;
            call.Answer(new FetchResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error });
            return;
        }

        Update(session!, request);
        if (session!.IsEmpty)
        {
            sessions.Remove(nodeId, session.Id);
            session = null;
        }

        new FetchTask(call, session, isIncremental: session is not null, session?.Snapshot() ?? []).Start(nowMs);
    }

    /// <summary>Whether a full fetch comes from a client that has heard of its session, whole and without an error, just before.</summary>
    static bool IsNeedless(Call<FetchRequest, FetchResponse> call) => call.Cluster.Settings.RefusesNeedlessFullFetches
        && call.Cluster.Sessions.Holds(call.Broker.NodeId, call.Connection.HealthyFetchSession, call.Version >= 13);

    static void Update(FetchSession session, FetchRequest request)
    {
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
                session.Set(new PartitionKey(topic.Topic, topic.TopicId, partition.Partition), partition);
        }

        foreach (var topic in request.ForgottenTopicsData)
        {
            foreach (var partition in topic.Partitions)
                session.Forget(new PartitionKey(topic.Topic, topic.TopicId, partition));
        }
    }
}
