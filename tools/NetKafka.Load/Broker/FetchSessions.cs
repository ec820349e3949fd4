using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>
/// The fetch sessions of a broker (KIP-227): a client that opens one names only what has changed from then on. Safe from any
/// thread.
/// </summary>
/// <param name="most">How many there are at once; as many as Kafka keeps by default.</param>
sealed class FetchSessions(int most = 1000)
{
    /// <summary>The epoch that opens a session; one that was open is closed.</summary>
    public const int FirstEpoch = 0;

    /// <summary>The epoch of a request that wants none; one that was open is closed.</summary>
    public const int FinalEpoch = -1;

    const short FirstVersion = 7;

    readonly Lock _lock = new();
    readonly Dictionary<int, FetchSession> _byId = [];
    int _lastId;
    long _uses;

    public int Count
    {
        get
        {
            lock (_lock)
                return _byId.Count;
        }
    }

    /// <summary>What a request reads in: its session, a new one, or one for this request alone, whose id is 0.</summary>
    /// <returns>Why there is no such session, else none.</returns>
    public ErrorCode Find(FetchRequest request, short version, out FetchSession session)
    {
        var isFull = version < FirstVersion || request.SessionEpoch is FirstEpoch or FinalEpoch;
        lock (_lock)
        {
            if (isFull)
            {
                _byId.Remove(request.SessionId);
                session = version >= FirstVersion && request.SessionEpoch == FirstEpoch ? Open() : new FetchSession(0);
                return ErrorCode.None;
            }
            if (!_byId.TryGetValue(request.SessionId, out session!))
                return ErrorCode.FetchSessionIdNotFound;
            if (session.NextEpoch != request.SessionEpoch)
                return ErrorCode.InvalidFetchSessionEpoch;
            session.Advance();
            session.LastUse = ++_uses;
            return ErrorCode.None;
        }
    }

    public void Close(FetchSession session)
    {
        lock (_lock)
            _byId.Remove(session.Id);
    }

    /// <summary>Clients end without a word, so the session that was used longest ago makes room.</summary>
    FetchSession Open()
    {
        if (_byId.Count >= most)
            _byId.Remove(_byId.Values.MinBy(static session => session.LastUse)!.Id);
        var session = new FetchSession(++_lastId) { LastUse = ++_uses };
        _byId.Add(session.Id, session);
        return session;
    }
}
