using System.Collections.Concurrent;
using System.Net;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.TransportSpike;

/// <summary>
/// TCP by blocking sockets: each connection has a thread that connects, receives and runs the turns of what it received,
/// and one that sends what a turn may not wait for.
/// </summary>
sealed class ThreadTransport : ITransport
{
    readonly ConcurrentDictionary<int, ThreadConnection> _connections = new();
    IEventSink _sink = null!;

    public bool ResolvesHosts => false;

    public void Start(IEventSink sink) => _sink = sink;

    public void Resolve(int connection, string host) => HostLookup.Begin(_sink, connection, host);

    public void Connect(int connection, ConnectTarget target)
    {
        var opened = new ThreadConnection(connection, _sink);
        _connections[connection] = opened;
        opened.Connect(new IPEndPoint(target.Address!, target.Port));
    }

    public void Receive(int connection, ArraySegment<byte> buffer) => _connections[connection].Receive(buffer);

    public void Send(int connection, SendBuffer bytes) => _connections[connection].Send(bytes);

    public void Close(int connection)
    {
        if (_connections.TryRemove(connection, out var opened))
            opened.Close();
        else
            _sink.Post(new LoopEvent(LoopEventKind.Closed, connection));
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Keys)
            Close(connection);
    }
}
