using System.Collections.Concurrent;
using System.Net;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>TCP by asynchronous sockets. Completions arrive on pool threads, which then run the turn.</summary>
sealed class SocketTransport : ITransport
{
    readonly ConcurrentDictionary<int, SocketConnection> _connections = new();
    IEventSink _sink = null!;

    public bool ResolvesHosts => false;

    public bool LendsThreads => true;

    public void Start(IEventSink sink) => _sink = sink;

    public void Resolve(int connection, string host) => HostLookup.Begin(_sink, connection, host);

    public void Connect(int connection, ConnectTarget target)
    {
        var opened = new SocketConnection(connection, _sink);
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
