using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Bytes to and from brokers. Each method begins one thing and returns without waiting; each thing begun is answered by
/// exactly one event of the same name at the sink, from any thread, also before the method returns. Buffers are lent until
/// the answer. The loop calls one method at a time and keeps at most one receive and one send under way on a connection.
/// <para>
/// After <see cref="Close"/> whatever was under way is answered with an error first, and closed comes last: from then on the
/// transport touches none of the connection's buffers.
/// </para>
/// </summary>
interface ITransport : IDisposable
{
    /// <summary>Whether connections are opened by host name, so that <see cref="Resolve"/> is not needed.</summary>
    bool ResolvesHosts { get; }

    /// <summary>Names the sink. Called once, before anything else.</summary>
    void Start(IEventSink sink);

    void Resolve(int connection, string host);

    void Connect(int connection, ConnectTarget target);

    /// <summary>Reads at least one byte, and no more than fit.</summary>
    void Receive(int connection, ArraySegment<byte> buffer);

    /// <summary>Writes everything, in order.</summary>
    void Send(int connection, SendBuffer bytes);

    /// <summary>Closes. A connection that was never opened, or that failed, is closed too.</summary>
    void Close(int connection);
}
