using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Fetching;

/// <summary>The fetch sessions of all brokers. A broker with no slot left serves without a session.</summary>
sealed class FetchSessions(ClusterSettings settings, SeededRandom random)
{
    readonly SortedDictionary<(int NodeId, int Id), FetchSession> sessions = [];

    internal int Count(int nodeId) => sessions.Keys.Count(key => key.NodeId == nodeId);

    internal FetchSession? TryCreate(int nodeId, bool usesTopicIds)
    {
        if (Count(nodeId) >= settings.MaxFetchSessions)
            return null;
        int id;
        do
        {
            id = 1 + random.Next(int.MaxValue - 1);
        }
        while (sessions.ContainsKey((nodeId, id)));
        var session = new FetchSession(id, usesTopicIds);
        sessions.Add((nodeId, id), session);
        return session;
    }

    /// <summary>The session that an incremental request goes on with, its epoch moved on; or why there is none.</summary>
    internal ErrorCode Continue(int nodeId, int id, int epoch, bool usesTopicIds, out FetchSession? session)
    {
        if (!sessions.TryGetValue((nodeId, id), out session))
            return ErrorCode.FetchSessionIdNotFound;
        if (session.NextEpoch != epoch)
            return ErrorCode.InvalidFetchSessionEpoch;
        if (session.UsesTopicIds != usesTopicIds)
            return ErrorCode.FetchSessionTopicIdError;
        session.AdvanceEpoch();
        return ErrorCode.None;
    }

    /// <summary>Whether a session goes on that speaks of topics in this way.</summary>
    internal bool Holds(int nodeId, int id, bool usesTopicIds) =>
        sessions.TryGetValue((nodeId, id), out var session) && session.UsesTopicIds == usesTopicIds;

    internal void Remove(int nodeId, int id) => sessions.Remove((nodeId, id));

    /// <summary>A broker that stops, or whose cache is full, forgets its sessions.</summary>
    internal void RemoveAllOf(int nodeId)
    {
        foreach (var key in sessions.Keys.Where(key => key.NodeId == nodeId).ToArray())
            sessions.Remove(key);
    }
}
