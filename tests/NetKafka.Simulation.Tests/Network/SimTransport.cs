using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Simulation.Tests.Engine;

namespace NetKafka.Simulation.Tests.Network;

/// <summary>The transport of one client: it keeps the contract to the letter, at the worst moments, and checks the client's part.</summary>
sealed class SimTransport(SimNetwork network, string client) : ITransport
{
    readonly Dictionary<int, SimConnection> _connections = [];
    IEventSink _sink = null!;

    public bool ResolvesHosts => network.Settings.ResolvesHosts;

    /// <summary>Whether names are found; a fault may deny it.</summary>
    public bool IsDnsBroken { get; set; }

    bool _isCrashed;
    bool _isFrozen;

    /// <summary>The process is gone: nothing that it sends, or is sent, arrives any more.</summary>
    public void Crash()
    {
        _isCrashed = true;
        foreach (var connection in _connections.Values)
            connection.Die();
    }

    /// <summary>While the process is frozen, too; then it goes on with other connections.</summary>
    public void Freeze(bool isFrozen)
    {
        _isFrozen = isFrozen;
        if (!isFrozen)
            return;
        foreach (var connection in _connections.Values)
            connection.Die();
    }

    public void Start(IEventSink sink) => _sink = sink;

    public void Resolve(int connection, string host)
    {
        network.Scheduler.CheckThread();
        network.Scheduler.PostAt(
            network.Scheduler.Now + network.Random.Next(20_000), WorkKind.Network, _ => AnswerResolve(connection, host), null);
    }

    public void Connect(int connection, ConnectTarget target)
    {
        var opened = new SimConnection(network, _sink, connection, network.NodeOf(target.Host), client) { Host = target.Host };
        if (!_connections.TryAdd(connection, opened))
            throw new SimulationFailure($"Connection {connection} was opened twice.");
        opened.Connect(isLost: _isCrashed || _isFrozen);
    }

    public void Receive(int connection, ArraySegment<byte> buffer) => Find(connection).Receive(buffer);

    public void Send(int connection, SendBuffer bytes) => Find(connection).Send(bytes);

    public void Close(int connection)
    {
        network.Scheduler.CheckThread();
        if (_connections.Remove(connection, out var opened))
            opened.Close();
        else
            _sink.Post(new LoopEvent(LoopEventKind.Closed, connection));
    }

    public void Dispose()
    {
        foreach (var number in _connections.Keys.ToArray())
            Close(number);
    }

    void AnswerResolve(int connection, string host)
    {
        var node = network.NodeOf(host);
        _sink.Post(IsDnsBroken || node < 0
            ? new LoopEvent(LoopEventKind.Resolved, connection, Error: new InvalidOperationException("no such host"))
            : new LoopEvent(LoopEventKind.Resolved, connection, Payload: new[] { SimNetwork.AddressOf(node) }));
    }

    SimConnection Find(int connection) =>
        _connections.GetValueOrDefault(connection) ?? throw new SimulationFailure($"Connection {connection} is used and not open.");
}
