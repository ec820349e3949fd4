using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Network;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>
/// Makes a plan come true: faults of the network and the cluster at their moments, faults of requests at the first request
/// that fits after their moment. <see cref="Heal"/> ends them all.
/// </summary>
sealed class FaultInjector(
    FaultPlan plan, SimScheduler scheduler, SimNetwork network, ClusterMachine machine, Action<bool> breakNames, Action<TimeSpan> jumpClock) : IFaults
{
    /// <summary>A record alone always fits into so many bytes.</summary>
    public const int SmallestBatchLimit = 1_700;

    const int MaxMoreBatchBytes = 1_000;
    const int MaxStallMs = 300;
    const int MaxSlowMs = 400;
    const int MaxVerySlowMs = 2_000;
    const int MaxHoldMs = 3_000;
    const int MaxThrottleMs = 500;
    const int MaxConnectionBytes = 4_000;
    const int MaxPartitions = 8;
    // Brokers refuse what is more than an hour ahead of them.
    const int MaxJumpSeconds = 6000;

    readonly List<PlannedFault> _armed = [];
    readonly HashSet<int> _struck = [];
    readonly int _maxMessageBytes = machine.Settings.MaxMessageBytes;
    bool _isHealed;

    /// <summary>How often each kind has struck.</summary>
    public int[] Struck { get; } = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>How many illegal answers each API got.</summary>
    public SortedDictionary<ApiKey, int> IllegalAnswers { get; } = [];

    public void Start()
    {
        foreach (var fault in plan.Faults)
            scheduler.PostAt(fault.AtTicks, WorkKind.Fault, _ => Begin(fault), null);
    }

    /// <summary>Everything works again from now on. Connections that are dead stay so: nobody knows of them.</summary>
    public void Heal()
    {
        _isHealed = true;
        _armed.Clear();
        breakNames(false);
        scheduler.Story?.Add(scheduler.Now, "--- all faults end here ---");
        foreach (var link in network.Links.Values)
            link.Heal();
        network.Operate(machine => machine.Operate(scheduler.NowMs, cluster =>
        {
            StartAll(cluster);
            foreach (var broker in cluster.Brokers)
            {
                cluster.RejoinReplicas(broker.NodeId, scheduler.NowMs);
                cluster.ThawMetadata(broker.NodeId);
                cluster.SetAddress(broker.NodeId, SimNetwork.HostOf(broker.NodeId), SimNetwork.Port);
                broker.ThrottleMs = 0;
            }
        }));
        machine.Settings.MaxMessageBytes = _maxMessageBytes;
    }

    void StartAll(ClusterState cluster)
    {
        foreach (var broker in cluster.Brokers)
            cluster.StartBroker(broker.NodeId, scheduler.NowMs);
    }

    public Fault OnRequest(in RequestInfo request, long nowMs)
    {
        for (var i = 0; i < _armed.Count; i++)
        {
            if (ToRequestFault(_armed[i], request.ApiKey) is not { } fault)
                continue;
            if (fault.IllegalAnswer > 0)
                IllegalAnswers[request.ApiKey] = IllegalAnswers.GetValueOrDefault(request.ApiKey) + 1;
            StrikeRequest(_armed[i], $"{request.ApiKey} v{request.Version} (correlation id {request.CorrelationId}) at node {request.NodeId}");
            if (!Lasts(_armed[i]))
                _armed.RemoveAt(i);
            return fault;
        }
        return default;
    }

    void Begin(PlannedFault fault)
    {
        if (_isHealed)
            return;
        switch (fault.Kind)
        {
            case FaultKind.ConnectionReset when network.Open.Count > 0:
                Strike(fault, "");
                network.Open[fault.Where % network.Open.Count].Reset();
                break;
            case FaultKind.HalfOpenConnection when network.Open.Count > 0:
                Strike(fault, "");
                network.Open[fault.Where % network.Open.Count].Die();
                break;
            case FaultKind.ShortLivedConnections:
                During(fault, link => link.BytesPerConnection = 1 + fault.HowMuch % MaxConnectionBytes, link => link.BytesPerConnection = 0);
                break;
            case FaultKind.RefusedConnections:
                During(fault, link => link.RefusesConnects = true, link => link.RefusesConnects = false);
                break;
            case FaultKind.CutOff:
                During(fault, link => link.IsCutOff = true, link => link.IsCutOff = false);
                break;
            case FaultKind.SlowLink:
                During(fault, link => link.SlowTicks = Ms(1 + fault.HowMuch % (fault.HowMuch % 4 == 0 ? MaxVerySlowMs : MaxSlowMs)), link => link.SlowTicks = 0);
                break;
            case FaultKind.LateDelivery:
                During(fault, link => link.LateDeliveryTicks = Ms(1 + fault.HowMuch % MaxHoldMs), link => link.LateDeliveryTicks = 0);
                break;
            case FaultKind.BrokenNames:
                Strike(fault, "");
                breakNames(true);
                After(fault, () => breakNames(false));
                break;
            case FaultKind.ClockJump:
                Strike(fault, "");
                jumpClock(TimeSpan.FromSeconds(fault.HowMuch % MaxJumpSeconds - MaxJumpSeconds / 2));
                break;
            case FaultKind.Stall:
                Strike(fault, "");
                scheduler.Stall(Ms(1 + fault.HowMuch % MaxStallMs));
                break;
            case FaultKind.LeaderMove or FaultKind.CoordinatorMove or FaultKind.BrokerDown or FaultKind.StaleMetadata or FaultKind.Throttle
                or FaultKind.PartitionAdded or FaultKind.AllDown or FaultKind.ReplicasBehind or FaultKind.AddressChange:
                BeginInCluster(fault);
                break;
            case FaultKind.ConnectionReset or FaultKind.HalfOpenConnection:
                break;
            case FaultKind.LimitLowered:
                LowerLimit(fault);
                break;
            default:
                _armed.Add(fault);
                if (Lasts(fault))
                    After(fault, () => _armed.Remove(fault));
                break;
        }
    }

    void LowerLimit(PlannedFault fault)
    {
        machine.Settings.MaxMessageBytes = SmallestBatchLimit + fault.HowMuch % MaxMoreBatchBytes;
        Strike(fault, $"to {machine.Settings.MaxMessageBytes} bytes");
        foreach (var connection in network.Open.ToArray())
            connection.Reset();
        After(fault, () => machine.Settings.MaxMessageBytes = _maxMessageBytes);
    }

    void BeginInCluster(PlannedFault fault)
    {
        var brokers = network.Links.Count;
        var node = 1 + fault.Where % brokers;
        var now = scheduler.NowMs;
        network.Operate(machine => machine.Operate(now, cluster =>
        {
            switch (fault.Kind)
            {
                case FaultKind.LeaderMove:
                    var partitions = cluster.Topics.SelectMany(topic => topic.Partitions).ToArray();
                    if (partitions.Length == 0)
                        return;
                    var partition = partitions[fault.HowMuch % partitions.Length];
                    var before = partition.Leader;
                    if (cluster.MoveLeader(partition.Topic.Name, partition.Index, node, now) == ErrorCode.None && before != node)
                        Strike(fault, $"{partition.Topic.Name}-{partition.Index} from {before} to {node}, epoch {partition.LeaderEpoch}");
                    break;
                case FaultKind.CoordinatorMove:
                    var groups = cluster.Groups.Groups.ToArray();
                    if (groups.Length == 0)
                        return;
                    var group = groups[fault.HowMuch % groups.Length].GroupId;
                    if (cluster.Groups.CoordinatorOf(group) != node && cluster.Groups.Move(group, node, now) == ErrorCode.None)
                        Strike(fault, $"group {group} to node {node}");
                    break;
                case FaultKind.PartitionAdded:
                    var topics = cluster.Topics.ToArray();
                    if (topics.Length == 0)
                        return;
                    var grown = topics[fault.HowMuch % topics.Length];
                    // Brokers that are down get no replica, and a partition keeps the replicas it began with.
                    if (grown.Partitions.Count < MaxPartitions && cluster.Brokers.All(broker => broker.IsUp)
                        && cluster.AddPartitions(grown.Name, grown.Partitions.Count + 1, null, validateOnly: false).Error == ErrorCode.None)
                        Strike(fault, $"{grown.Name}, {grown.Partitions.Count} in all");
                    break;
                case FaultKind.AllDown:
                    Strike(fault, "");
                    foreach (var broker in cluster.Brokers)
                        cluster.StopBroker(broker.NodeId, now);
                    After(fault, () => InCluster(fault, StartAll));
                    break;
                case FaultKind.ReplicasBehind:
                    Strike(fault, $"node {node}");
                    cluster.CutReplicas(node, now);
                    After(fault, () => InCluster(fault, healthy => healthy.RejoinReplicas(node, scheduler.NowMs)));
                    break;
                case FaultKind.AddressChange:
                    Strike(fault, $"node {node}");
                    cluster.SetAddress(node, SimNetwork.HostOf(node) + "-moved", SimNetwork.Port);
                    After(fault, () => InCluster(fault, healthy => healthy.SetAddress(node, SimNetwork.HostOf(node), SimNetwork.Port)));
                    break;
                case FaultKind.BrokerDown:
                    Strike(fault, $"node {node}");
                    cluster.StopBroker(node, now);
                    After(fault, () => InCluster(fault, healthy => healthy.StartBroker(node, scheduler.NowMs)));
                    break;
                case FaultKind.StaleMetadata:
                    Strike(fault, $"node {node}");
                    cluster.FreezeMetadata(node);
                    After(fault, () => InCluster(fault, healthy => healthy.ThawMetadata(node)));
                    break;
                default:
                    Strike(fault, $"node {node}");
                    cluster.FindBroker(node)!.ThrottleMs = 1 + fault.HowMuch % MaxThrottleMs;
                    After(fault, () => InCluster(fault, healthy => healthy.FindBroker(node)!.ThrottleMs = 0));
                    break;
            }
        }));
    }

    void InCluster(PlannedFault fault, Action<ClusterState> operation)
    {
        scheduler.Story?.Add(scheduler.Now, $"fault {fault} ends");
        network.Operate(machine => machine.Operate(scheduler.NowMs, operation));
    }

    void During(PlannedFault fault, Action<LinkState> begin, Action<LinkState> end)
    {
        var node = 1 + fault.Where % network.Links.Count;
        Strike(fault, $"node {node}");
        begin(network.Links[node]);
        After(fault, () =>
        {
            scheduler.Story?.Add(scheduler.Now, $"fault {fault} ends");
            end(network.Links[node]);
        });
    }

    void After(PlannedFault fault, Action end) => scheduler.PostAt(
        scheduler.Now + fault.ForTicks,
        WorkKind.Fault,
        _ =>
        {
            if (!_isHealed)
                end();
        },
        null);

    /// <summary>One that lasts counts once, however many requests it meets.</summary>
    void StrikeRequest(PlannedFault fault, string where)
    {
        if (_struck.Add(fault.Index))
            Strike(fault, where);
        else
            scheduler.Story?.Add(scheduler.Now, $"FAULT {fault} goes on: {where}");
    }

    void Strike(PlannedFault fault, string where)
    {
        Struck[(int)fault.Kind]++;
        scheduler.Trace.Mix((int)fault.Kind);
        scheduler.Story?.Add(scheduler.Now, $"FAULT {fault} {where}");
    }

    static long Ms(int ms) => ms * TimeSpan.TicksPerMillisecond;

    static Fault? ToRequestFault(PlannedFault fault, ApiKey api)
    {
        if (!Fits(fault, api))
            return null;
        switch (fault.Kind)
        {
            case FaultKind.LostRequest:
                return new Fault { CloseBefore = true };
            case FaultKind.LostResponse:
                return new Fault { CloseAfter = true };
            case FaultKind.CutResponse:
                return new Fault { CutAnswerAfterBytes = 1 + fault.HowMuch % 60 };
            case FaultKind.SilentBroker:
                return new Fault { Silence = true };
            case FaultKind.SlowRequest:
                return new Fault { DelayBeforeMs = 1 + fault.HowMuch % MaxHoldMs };
            case FaultKind.SlowResponse:
                return new Fault { DelayAnswerMs = 1 + fault.HowMuch % MaxHoldMs };
            case FaultKind.IllegalAnswer:
                return new Fault { IllegalAnswer = 1 + fault.HowMuch % (int.MaxValue - 1) };
            case FaultKind.DamagedRecords:
                return api == ApiKey.Fetch ? new Fault { DamageRecords = 1 + fault.HowMuch % int.MaxValue } : null;
            case FaultKind.RefusedRequest:
                return PassingErrors.Before(api) is { IsEmpty: false } before ? new Fault { Error = before[fault.HowMuch % before.Length] } : null;
            default:
                return PassingErrors.After(api) is { IsEmpty: false } after ? new Fault { ErrorAfter = after[fault.HowMuch % after.Length] } : null;
        }
    }

    /// <summary>A third of the errors come again and again for the time of the fault.</summary>
    static bool Lasts(PlannedFault fault) =>
        fault.Kind is FaultKind.RefusedRequest or FaultKind.UncertainAnswer && fault.Where / 2 % 3 == 0;

    /// <summary>Half of them wait for the requests that carry records or commits; the others take what comes.</summary>
    static bool Fits(PlannedFault fault, ApiKey api) => fault.Where % 2 == 0 || api is ApiKey.Produce or ApiKey.Fetch or ApiKey.OffsetCommit;
}
