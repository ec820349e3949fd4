using System.Net;
using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Testing.Internal;

namespace NetKafka.Simulation.Tests.Network;

/// <summary>
/// The wires between all clients of a run and its fake cluster, and the shell of that cluster: whatever is done to the machine
/// is done through here, so that its answers get on their way and its deadlines are kept.
/// </summary>
sealed class SimNetwork
{
    public const int Port = 9092;

    static readonly SendOrPostCallback OnClusterDue = static self => ((SimNetwork)self!).PollCluster();

    readonly ClusterMachine _cluster;
    readonly Dictionary<int, SimConnection> _byBrokerSide = [];
    readonly List<SimConnection> _open = [];
    readonly SortedDictionary<int, LinkState> _links = [];
    long _polledAt = long.MaxValue;

    public SimNetwork(SimScheduler scheduler, ClusterMachine cluster, NetworkSettings settings, RandomSource random)
    {
        (Scheduler, _cluster, Settings, Random) = (scheduler, cluster, settings, random);
        foreach (var broker in cluster.Cluster.Brokers)
            _links[broker.NodeId] = new LinkState();
    }

    public SimScheduler Scheduler { get; }

    public NetworkSettings Settings { get; }

    public IWireWatch? Watch { get; set; }

    public RandomSource Random { get; }

    public IReadOnlyDictionary<int, LinkState> Links => _links;

    /// <summary>The connections that are open at the client's side and not broken yet, oldest first.</summary>
    public IReadOnlyList<SimConnection> Open => _open;

    /// <summary>How many connections the clients have not been told the end of.</summary>
    public int UnclosedCount { get; set; }

    /// <summary>How one direction of one connection takes its time.</summary>
    public long Delay(int nodeId) => Settings.LatencyTicks + Random.Next(Settings.JitterTicks + 1) + _links[nodeId].SlowTicks;

    public static IPAddress AddressOf(int nodeId) => new([10, 0, 0, (byte)nodeId]);

    public static string HostOf(int nodeId) => $"broker-{nodeId}";

    public int NodeOf(string host)
    {
        foreach (var broker in _cluster.Cluster.Brokers)
        {
            if (broker.Host == host)
                return broker.NodeId;
        }
        return -1;
    }

    /// <summary>Knocks at a broker. −1: refused.</summary>
    public int ConnectToBroker(SimConnection connection)
    {
        var side = _links[connection.NodeId].RefusesConnects ? -1 : _cluster.Connect(connection.NodeId, Scheduler.NowMs);
        if (side >= 0)
        {
            _byBrokerSide.Add(side, connection);
            _open.Add(connection);
        }
        Pump();
        return side;
    }

    public void Deliver(int brokerSide, ReadOnlySpan<byte> bytes)
    {
        Scheduler.Trace.Mix(bytes);
        _cluster.Receive(brokerSide, bytes, Scheduler.NowMs);
        Pump();
    }

    /// <summary>The broker learns that the connection has ended.</summary>
    public void HangUp(int brokerSide)
    {
        if (!_byBrokerSide.Remove(brokerSide))
            return;
        _cluster.Disconnect(brokerSide, Scheduler.NowMs);
        Pump();
    }

    /// <summary>Connections that were opened where their brokers are not any more end: whoever moves to another's address starts anew there.</summary>
    public void AbandonMoved()
    {
        foreach (var connection in _open.ToArray())
        {
            if (connection.Host is { } host && NodeOf(host) is >= 0 and var node && node != connection.NodeId)
                connection.Abandon();
        }
    }

    /// <summary>The client's side has ended or broken.</summary>
    public void Forget(SimConnection connection) => _open.Remove(connection);

    /// <summary>Does something to the cluster, and carries what follows from it.</summary>
    public void Operate(Action<ClusterMachine> operation)
    {
        operation(_cluster);
        Pump();
    }

    void PollCluster()
    {
        _polledAt = long.MaxValue;
        _cluster.Poll(Scheduler.NowMs);
        Pump();
    }

    void Pump()
    {
        while (_cluster.TryNextReady(out var side))
        {
            var connection = _byBrokerSide.GetValueOrDefault(side);
            while (_cluster.TryTakeOutput(side, out var bytes))
                connection?.SendToClient(new Inbound(bytes, Watch?.ThrottleOf(side, bytes.Span) ?? 0));
            if (!_cluster.IsClosed(side))
                continue;
            connection?.EndFromBroker();
            _byBrokerSide.Remove(side);
            _cluster.Disconnect(side, Scheduler.NowMs);
        }
        var next = _cluster.NextDeadlineMs;
        if (next >= _polledAt)
            return;
        _polledAt = next;
        Scheduler.PostAt(next * TimeSpan.TicksPerMillisecond, WorkKind.Cluster, OnClusterDue, this);
    }
}
