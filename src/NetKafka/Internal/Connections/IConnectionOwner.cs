using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Connections;

/// <summary>Who keeps a connection and wants to know how it fares. Called inside the turn; state changes and wake-ups only.</summary>
interface IConnectionOwner
{
    /// <summary>Versions are known and requests flow.</summary>
    void OnReady(ConnectionMachine connection, Instant now);

    /// <summary>The connection broke, or could not be made. A planned close is not reported.</summary>
    void OnBroken(ConnectionMachine connection, RequestFailure failure, Instant now);

    /// <summary>The cluster that a connection to a known node is meant for, which the broker is told (KIP-1242); null to tell nothing.</summary>
    string? ExpectedClusterId => null;

    /// <summary>What answered is another node than the connection is for, or of another cluster.</summary>
    void OnMisrouted(ConnectionMachine connection, Instant now)
    {
    }
}
