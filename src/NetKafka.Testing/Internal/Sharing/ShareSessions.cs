using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>The share sessions of all brokers: one for each member on each broker.</summary>
sealed class ShareSessions(ClusterState cluster)
{
    // By broker, group and member; ordered by the bytes of the names.
    readonly SortedDictionary<int, SortedDictionary<string, SortedDictionary<string, ShareSession>>> sessions = [];

    internal int Count(int nodeId) => sessions.TryGetValue(nodeId, out var groups) ? groups.Values.Sum(static members => members.Count) : 0;

    internal ShareSession? Find(int nodeId, string groupId, string memberId) =>
        sessions.TryGetValue(nodeId, out var groups) && groups.TryGetValue(groupId, out var members)
            ? members.GetValueOrDefault(memberId) : null;

    /// <summary>Begins a session in the place of the member's last; what it has from that one it keeps. Null if there are too many.</summary>
    internal ShareSession? TryCreate(int nodeId, string groupId, string memberId, int connection)
    {
        Remove(nodeId, groupId, memberId);
        if (Count(nodeId) >= cluster.Settings.MaxShareSessions)
            return null;
        if (!sessions.TryGetValue(nodeId, out var groups))
            sessions.Add(nodeId, groups = new(StringComparer.Ordinal));
        if (!groups.TryGetValue(groupId, out var members))
            groups.Add(groupId, members = new(StringComparer.Ordinal));
        return members[memberId] = new ShareSession(connection);
    }

    /// <summary>The session that a request goes on with, its epoch moved on; or why there is none.</summary>
    internal ErrorCode Continue(int nodeId, string groupId, string memberId, int epoch, out ShareSession? session)
    {
        session = Find(nodeId, groupId, memberId);
        if (session is null)
            return ErrorCode.ShareSessionNotFound;
        if (session.NextEpoch != epoch)
            return ErrorCode.InvalidShareSessionEpoch;
        session.AdvanceEpoch();
        return ErrorCode.None;
    }

    /// <summary>Ends a session: what the member has of its partitions is free again.</summary>
    internal ErrorCode Close(int nodeId, string groupId, string memberId, long nowMs)
    {
        if (Find(nodeId, groupId, memberId) is not { } session)
            return ErrorCode.ShareSessionNotFound;
        Remove(nodeId, groupId, memberId);
        foreach (var partition in session.Partitions)
            cluster.Shares.Find(groupId, partition.Key)?.ReleaseAll(memberId, nowMs);
        return ErrorCode.None;
    }

    /// <summary>A connection ended, and the sessions that it began with it. A broker without sessions of a group forgets the group.</summary>
    internal void OnDisconnected(int nodeId, int connection, long nowMs)
    {
        if (!sessions.TryGetValue(nodeId, out var groups))
            return;
        foreach (var (groupId, members) in groups.ToArray())
        {
            foreach (var (memberId, session) in members.ToArray())
            {
                if (session.Connection == connection)
                    Close(nodeId, groupId, memberId, nowMs);
            }

            if (members.Count > 0)
                continue;
            groups.Remove(groupId);
            cluster.Shares.Drop(groupId, nodeId);
        }
    }

    /// <summary>A broker that stops forgets its sessions; what their members have is locked no longer, as its leader is gone.</summary>
    internal void RemoveAllOf(int nodeId) => sessions.Remove(nodeId);

    void Remove(int nodeId, string groupId, string memberId)
    {
        if (sessions.TryGetValue(nodeId, out var groups) && groups.TryGetValue(groupId, out var members))
            members.Remove(memberId);
    }
}
