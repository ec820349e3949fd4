using System.Collections.Concurrent;
using System.Net;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>Connections that a user's <see cref="KafkaClientOptions.ConnectCallback"/> opens, as streams.</summary>
sealed class StreamTransport(Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> connect) : ITransport
{
    readonly ConcurrentDictionary<int, StreamConnection> _connections = new();
    IEventSink _sink = null!;

    public bool ResolvesHosts => true;

    public void Start(IEventSink sink) => _sink = sink;

    public void Resolve(int connection, string host) =>
        _sink.Post(new LoopEvent(LoopEventKind.Resolved, connection, Error: new NotSupportedException("This transport takes host names.")));

    public void Connect(int connection, ConnectTarget target)
    {
        var opened = new StreamConnection(connection, _sink);
        _connections[connection] = opened;
        opened.Connect(connect, new DnsEndPoint(target.Host, target.Port));
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
