using System.Net;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Cluster;

/// <summary>
/// The cluster as one client sees it: the view, the connections, the coordinators, and the way that a request takes to the
/// broker it is for. A request whose broker is not known yet waits here until it is, or until its deadline.
/// </summary>
sealed class ClusterMachine : Machine, ICluster, IConnectionOwner
{
    readonly List<Parked> _parked = [];
    readonly List<IClusterListener> _listeners = [];
    readonly Dictionary<int, VersionTable> _versions = [];
    VersionTable? _features;
    string? _clusterId;
    readonly MetadataMachine _metadata;
    readonly CoordinatorMachine _coordinators;
    readonly BrokerLanes _lanes;
    readonly RequestFailure _noAnswerYet;
    readonly bool _isRebootstrapping;
    Instant _now;
    bool _isClosed;

    public ClusterMachine(
        IReadOnlyList<DnsEndPoint> bootstrap, MachineQueue machines, ConnectionSettings connections, ConnectionDirectory directory,
        TimeSpan requestTimeout, TimeSpan metadataMaxAge, Backoff retryBackoff, TimeSpan rebootstrapAfter, bool isOfControllers = false)
    {
        _isRebootstrapping = rebootstrapAfter != Timeout.InfiniteTimeSpan;
        _lanes = new BrokerLanes(bootstrap, machines, connections, directory, this, _isRebootstrapping);
        _metadata = new MetadataMachine(this, requestTimeout, metadataMaxAge, retryBackoff, rebootstrapAfter, connections.Random, OnView, isOfControllers);
        _coordinators = new CoordinatorMachine(this, requestTimeout, retryBackoff, connections.Random, Wake);
        var addresses = string.Join(", ", bootstrap.Select(endpoint => $"{endpoint.Host}:{endpoint.Port}"));
        _noAnswerYet = new RequestFailure(RequestFailureReason.NotSent, addresses, $"no answer came yet from {addresses}");
        machines.Add(this);
        machines.Add(_metadata);
        machines.Add(_coordinators);
    }

    public ClusterView View => _metadata.View;

    public RequestFailure? LastFailure => _metadata.LastFailure ?? (View.Brokers.Count == 0 ? _noAnswerYet : null);

    /// <summary>The time of this turn, for what is called without one.</summary>
    public void BeginTurn(Instant now) => _now = now;

    public void Send(BrokerRequest request, RequestTarget target, LaneKey lane)
    {
#if NETKAFKA_CHECKED
        request.Begin();
#endif
        if (!TryRoute(request, target, lane))
        {
            _parked.Add(new Parked(request, target, lane));
            Wake();
        }
    }

    public void Watch(string topic) => _metadata.Watch(topic);

    public void Unwatch(string topic) => _metadata.Unwatch(topic);

    public void WatchAll(bool watch) => _metadata.WatchAll(watch);

    public void Refresh(long seenGeneration) => _metadata.Refresh(seenGeneration);

    public void LearnLeader(string topic, Guid topicId, int partition, int leaderId, int leaderEpoch) =>
        _metadata.LearnLeader(topic, topicId, partition, leaderId, leaderEpoch);

    public void LearnBroker(int nodeId, string host, int port, string? rack) => _metadata.LearnBroker(nodeId, host, port, rack);

    public int CoordinatorOf(CoordinatorKey key) => _coordinators.NodeOf(key);

    public void ForgetCoordinator(CoordinatorKey key, int nodeId) => _coordinators.Forget(key, nodeId);

    public void Subscribe(IClusterListener listener) => _listeners.Add(listener);

    public void Unsubscribe(IClusterListener listener) => _listeners.Remove(listener);

    public void CloseLane(LaneKey lane) => _lanes.CloseLane(lane, _now);

    public void Need(int nodeId, LaneKey lane, bool isNeeded) => _lanes.Need(nodeId, lane, isNeeded);

    public short VersionAt(int nodeId, ApiKey api) =>
        _versions.TryGetValue(nodeId, out var table) ? table.Newest(api, 0, short.MaxValue) : (short)-1;

    public short FinalizedLevel(string feature) => _features?.FinalizedFeatures.GetValueOrDefault(feature) ?? 0;

    public void OnReady(ConnectionMachine connection, Instant now)
    {
        // A broker that lags behind tells of an older epoch; one that is too old for features tells of none.
        if (connection.Versions!.FinalizedEpoch >= (_features?.FinalizedEpoch ?? 0))
            _features = connection.Versions;
        if (connection.NodeId >= 0)
            _versions[connection.NodeId] = connection.Versions!;
    }

    public string? ExpectedClusterId => _isRebootstrapping ? View.ClusterId : null;

    public void OnMisrouted(ConnectionMachine connection, Instant now)
    {
        _coordinators.ForgetNode(connection.NodeId);
        _metadata.Rebootstrap();
    }

    public void OnBroken(ConnectionMachine connection, RequestFailure failure, Instant now)
    {
        if (connection.NodeId < 0)
            return;
        if (failure.Reason == RequestFailureReason.NotSent)
            _coordinators.ForgetNode(connection.NodeId);
        _metadata.Refresh(View.Generation);
    }

    /// <summary>Ends everything: what waits or is under way fails as closed.</summary>
    public void Close(Instant now)
    {
        _isClosed = true;
        _lanes.AbortAll(now);
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        var next = Instant.Never;
        if (_parked.Count == 0)
            return next;
        var waiting = _parked.ToArray();
        _parked.Clear();
        foreach (var item in waiting)
        {
            if (item.Request.IsAbandoned)
                continue;
            if (Verdict(item, now) is { } failure)
            {
                item.Request.Fail(failure, now);
            }
            else if (!TryRoute(item.Request, item.Target, item.Lane))
            {
                _parked.Add(item);
                next = Instant.Earlier(next, item.Request.Deadline);
            }
        }
        foreach (var item in waiting)
        {
            if (item.Target.Kind == TargetKind.Coordinator)
                _coordinators.ClearRefusal(item.Target.CoordinatorKey);
        }
        return next;
    }

    void OnView(ClusterView view)
    {
        if (view.ClusterId is not null && view.ClusterId != _clusterId)
        {
            // Of another cluster nothing counts that was learned of the one before.
            if (_clusterId is not null)
            {
                _features = null;
                _versions.Clear();
            }
            _clusterId = view.ClusterId;
        }
        _lanes.OnClusterChanged(view, _now);
        // A listener may leave while it is told.
        foreach (var listener in _listeners.ToArray())
            listener.OnClusterChanged(view);
        Wake();
    }

    bool TryRoute(BrokerRequest request, RequestTarget target, LaneKey lane)
    {
        if (_isClosed)
            return false;
        var broker = FindBroker(target, lane);
        if (broker is null)
            return false;
        _lanes.Get(broker, lane).Send(request);
        return true;
    }

    BrokerView? FindBroker(RequestTarget target, LaneKey lane)
    {
        switch (target.Kind)
        {
            case TargetKind.AnyBroker:
                return _lanes.PickAny(View, lane, _now);
            case TargetKind.Broker:
                return View.Brokers.GetValueOrDefault(target.NodeId);
            case TargetKind.Controller:
                if (View.Brokers.GetValueOrDefault(View.ControllerId) is { } controller)
                    return controller;
                _metadata.Refresh(View.Generation);
                return null;
            default:
                var nodeId = _coordinators.NodeOf(target.CoordinatorKey);
                if (View.Brokers.GetValueOrDefault(nodeId) is { } coordinator)
                    return coordinator;
                // A coordinator that the cluster no longer names is none.
                _coordinators.Forget(target.CoordinatorKey, nodeId);
                if (_coordinators.RefusalOf(target.CoordinatorKey) is null)
                    _coordinators.Want(target.CoordinatorKey);
                return null;
        }
    }

    RequestFailure? Verdict(Parked item, Instant now)
    {
        var (request, target, _) = item;
        if (_isClosed)
            return new RequestFailure(RequestFailureReason.Closed, "", "the client was disposed");
        if (target.Kind == TargetKind.Coordinator && _coordinators.RefusalOf(target.CoordinatorKey) is { } refusal)
            return refusal;
        if (request.Deadline <= now)
        {
            var why = LastFailure is { } last ? $"; the last failure: {last.Detail}" : "";
            return new RequestFailure(RequestFailureReason.Expired, "", $"no broker was found for {request.ApiKey} before its deadline{why}");
        }
        return target.Kind == TargetKind.Broker && !View.Brokers.ContainsKey(target.NodeId)
            ? new RequestFailure(RequestFailureReason.NotSent, $"node {target.NodeId}", $"the cluster has no broker with the id {target.NodeId} any more")
            : null;
    }

    /// <summary>A request that waits for its broker to be known.</summary>
    readonly record struct Parked(BrokerRequest Request, RequestTarget Target, LaneKey Lane);
}
