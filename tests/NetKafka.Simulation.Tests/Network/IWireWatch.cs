namespace NetKafka.Simulation.Tests.Network;

/// <summary>Looks at what clients send when they send it, and at answers on their way to them.</summary>
interface IWireWatch
{
    /// <summary>A client sends: whole requests, each behind its size.</summary>
    void OnSend(ReadOnlySpan<byte> requests);

    /// <summary>For how long an answer asks its client to be left alone on this connection, in ms; 0 where it does not.</summary>
    int ThrottleOf(int brokerSide, ReadOnlySpan<byte> frame);

    /// <summary>Bytes have changed that a client has lent to a send which is not over.</summary>
    void OnLentChanged(string who);

    /// <summary>A client has such an answer, and sends before that time is over.</summary>
    void OnImpatience(string who);
}
