using System.Collections.Concurrent;
using System.Net;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// TCP. The first connections have a thread each, which runs the turns of what it received; where a client has very many
/// brokers the others are asynchronous sockets, whose completions come on threads of the pool.
/// </summary>
/// <param name="maxThreads">How many connections may have a thread at a time.</param>
sealed class SocketTransport(int maxThreads = SocketTransport.DefaultMaxThreads) : ITransport
{
    public const int DefaultMaxThreads = 32;

    readonly ConcurrentDictionary<int, ISocketConnection> _connections = new();
    IEventSink _sink = null!;
    int _threads;

    public bool ResolvesHosts => false;

    public void Start(IEventSink sink) => _sink = sink;

    public void Resolve(int connection, string host) => HostLookup.Begin(_sink, connection, host);

    public void Connect(int connection, ConnectTarget target)
    {
        var opened = Open(connection);
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

    ISocketConnection Open(int connection)
    {
        if (Interlocked.Increment(ref _threads) <= maxThreads)
            return new ThreadConnection(connection, _sink, () => Interlocked.Decrement(ref _threads));
        Interlocked.Decrement(ref _threads);
        return new SocketConnection(connection, _sink);
    }
}
