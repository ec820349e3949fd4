using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Connections;

/// <summary>Who keeps a connection and wants to know how it fares. Called inside the turn; state changes and wake-ups only.</summary>
interface IConnectionOwner
{
    /// <summary>Versions are known and requests flow.</summary>
    void OnReady(ConnectionMachine connection, Instant now);

    /// <summary>The connection broke, or could not be made. A planned close is not reported.</summary>
    void OnBroken(ConnectionMachine connection, RequestFailure failure, Instant now);
}
