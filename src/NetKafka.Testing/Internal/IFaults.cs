using NetKafka.Protocol;

namespace NetKafka.Testing.Internal;

/// <summary>Asked once for every request, before it is handled. Implemented by simulations and tests.</summary>
interface IFaults
{
    /// <param name="request">The request. Its frame is valid during the call only.</param>
    /// <param name="nowMs">The machine's time.</param>
    /// <returns>What goes wrong; the default is nothing.</returns>
    Fault OnRequest(in RequestInfo request, long nowMs);

    /// <summary>A client asks for what this cluster has not announced; its connection is closed.</summary>
    void OnUnspoken(ApiKey apiKey, short version, int nodeId)
    {
    }

    /// <summary>A whole frame came that is no request; its connection is closed.</summary>
    void OnUnreadable(string problem, int nodeId)
    {
    }

    /// <summary>A client begins a fetch session anew that was in order, and is refused.</summary>
    void OnNeedlessFullFetch(string? clientId, int nodeId)
    {
    }
}

/// <summary>A request as a fault plan sees it.</summary>
readonly struct RequestInfo(
    int connection, int nodeId, ApiKey apiKey, short version, int correlationId, string? clientId, ReadOnlyMemory<byte> frame)
{
    internal int Connection { get; } = connection;

    internal int NodeId { get; } = nodeId;

    internal ApiKey ApiKey { get; } = apiKey;

    internal short Version { get; } = version;

    internal int CorrelationId { get; } = correlationId;

    internal string? ClientId { get; } = clientId;

    /// <summary>The whole frame, its header included, without its length.</summary>
    internal ReadOnlyMemory<byte> Frame { get; } = frame;
}

/// <summary>What goes wrong with one request. Parts can be combined; the earlier one in the life of a request wins.</summary>
readonly record struct Fault
{
    /// <summary>Held this long before it is handled. What is behind it on its connection waits too.</summary>
    internal long DelayBeforeMs { get; init; }

    /// <summary>The connection closes and the request was never handled; one that is held is handled in its time all the same.</summary>
    internal bool CloseBefore { get; init; }

    /// <summary>Answered with this error, and not handled.</summary>
    internal ErrorCode? Error { get; init; }

    /// <summary>Handled, and answered with this error all the same.</summary>
    internal ErrorCode? ErrorAfter { get; init; }

    /// <summary>Handled; then the connection closes instead of the answer.</summary>
    internal bool CloseAfter { get; init; }

    /// <summary>Handled, and never answered; the connection stays open, and nothing behind it is handled.</summary>
    internal bool Silence { get; init; }

    /// <summary>The answer leaves this much later.</summary>
    internal long DelayAnswerMs { get; init; }

    /// <summary>The answer is made illegal in one of several ways; 0: it stays as it is.</summary>
    internal int IllegalAnswer { get; init; }

    /// <summary>Which bit of the records of a fetch is turned over in the answer; 0 for none.</summary>
    internal int DamageRecords { get; init; }

    /// <summary>Only this many bytes of the answer leave (its length included); then the connection closes. 0: all.</summary>
    internal int CutAnswerAfterBytes { get; init; }
}
