using System.Net;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Cluster;

/// <summary>
/// The connections of a client: one for each broker and lane, made at first use. Entries of the bootstrap list count as
/// brokers with negative ids until real ones are known.
/// </summary>
sealed class BrokerLanes
{
    // The broker remembers five batches a producer, so more than five requests in flight would break idempotence.
    const int MaxProduceInFlight = 5;
    const int MaxInFlight = 64;

    readonly Dictionary<(int NodeId, LaneKey Lane), ConnectionMachine> _connections = [];
    readonly List<ConnectionMachine> _inOrder = [];
    readonly List<ConnectionMachine> _retired = [];
    readonly List<BrokerView> _bootstrap;
    readonly MachineQueue _machines;
    readonly ConnectionSettings _settings;
    readonly ConnectionDirectory _directory;
    readonly IConnectionOwner _owner;
    readonly bool _isRebootstrapping;

    public BrokerLanes(
        IReadOnlyList<DnsEndPoint> bootstrap, MachineQueue machines, ConnectionSettings settings, ConnectionDirectory directory,
        IConnectionOwner owner, bool isRebootstrapping)
    {
        _isRebootstrapping = isRebootstrapping;
        _bootstrap = [.. bootstrap.Select((endpoint, i) => new BrokerView(-1 - i, endpoint.Host, endpoint.Port, null))];
        (_machines, _settings, _directory, _owner) = (machines, settings, directory, owner);
    }

    /// <summary>The connection of a lane to a broker.</summary>
    public ConnectionMachine Get(BrokerView broker, LaneKey lane)
    {
        if (_connections.TryGetValue((broker.NodeId, lane), out var connection))
            return connection;
        var isBound = lane.Role == LaneRole.Produce;
#if NETKAFKA_CHECKED
        isBound &= !Planted.Has(Bug.InFlightHasNoBound);
#endif
        connection = new ConnectionMachine(
            broker.Host, broker.Port, broker.NodeId, isBound ? MaxProduceInFlight : MaxInFlight,
            _settings, _directory, _owner);
        _connections.Add((broker.NodeId, lane), connection);
        _inOrder.Add(connection);
        _machines.Add(connection);
        return connection;
    }

    /// <summary>
    /// The broker to ask when any will do: one that is connected and least busy; else one that is not pausing after a
    /// failure, by chance. Where no known broker could be reached of late the bootstrap list counts again, since all that is
    /// known may be gone (KIP-899).
    /// </summary>
    public BrokerView PickAny(ClusterView view, LaneKey lane, Instant now)
    {
        BrokerView? best = null;
        var bestLoad = int.MaxValue;
        var usable = new List<BrokerView>();
        var areAllFailing = view.Brokers.Count == 0
            || (_isRebootstrapping && view.Brokers.Keys.All(nodeId => _connections.GetValueOrDefault((nodeId, lane))?.IsFailing == true));
        var brokers = _isRebootstrapping || view.Brokers.Count == 0 ? view.Brokers.Values.Concat(_bootstrap) : view.Brokers.Values;
        foreach (var broker in brokers)
        {
            var connection = _connections.GetValueOrDefault((broker.NodeId, lane));
            if (connection is { State: ConnectionState.Ready } && connection.Load < bestLoad)
                (best, bestLoad) = (broker, connection.Load);
            if ((broker.NodeId >= 0 || areAllFailing) && connection?.IsBackingOff(now) != true)
                usable.Add(broker);
        }
        if (best is not null)
            return best;
        if (usable.Count > 0)
            return usable[_settings.Random.Next(usable.Count)];
        return _isRebootstrapping || view.Brokers.Count == 0
            ? _bootstrap[_settings.Random.Next(_bootstrap.Count)]
            : view.Brokers.Values.ElementAt(_settings.Random.Next(view.Brokers.Count));
    }

    /// <summary>Follows a new view: brokers that moved, brokers that are gone.</summary>
    public void OnClusterChanged(ClusterView view, Instant now)
    {
        foreach (var connection in _inOrder)
        {
            if (connection.NodeId < 0)
                continue;
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.OldAddressIsKept))
                continue;
#endif
            if (view.Brokers.TryGetValue(connection.NodeId, out var broker))
                connection.MoveTo(broker.Host, broker.Port, now);
        }
    }

    /// <summary>Says whether the connection of a lane to a broker, where there is one, is needed though nothing goes over it.</summary>
    public void Need(int nodeId, LaneKey lane, bool isNeeded)
    {
        if (_connections.TryGetValue((nodeId, lane), out var connection))
            connection.IsNeeded = isNeeded;
    }

    /// <summary>Ends the connections of a lane whose owner is gone, once what is under way has ended.</summary>
    public void CloseLane(LaneKey lane, Instant now)
    {
        _retired.RemoveAll(connection => connection.IsOver);
        foreach (var (key, connection) in _connections.Where(entry => entry.Key.Lane == lane).ToList())
        {
            _connections.Remove(key);
            _inOrder.Remove(connection);
            _retired.Add(connection);
            connection.Retire(now);
        }
    }

    public void AbortAll(Instant now)
    {
        foreach (var connection in _inOrder)
            connection.Abort(now);
        foreach (var connection in _retired)
            connection.Abort(now);
    }
}
