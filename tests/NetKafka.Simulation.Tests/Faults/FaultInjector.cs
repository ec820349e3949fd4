using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Network;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>
/// Makes a plan come true: faults of the network and the cluster at their moments, faults of requests at the first request
/// that fits after their moment. <see cref="Heal"/> ends them all.
/// </summary>
sealed class FaultInjector(FaultPlan plan, SimScheduler scheduler, FaultTargets targets) : IFaults
{
    /// <summary>A record alone always fits into so many bytes.</summary>
    public const int SmallestBatchLimit = 950;

    const int MaxMoreBatchBytes = 1_000;
    const int MaxStallMs = 300;
    const int MaxLongStallMs = 8_000;
    const int MaxSlowMs = 400;
    const int MaxVerySlowMs = 2_000;
    const int MaxHoldMs = 3_000;
    const int MaxConnectionBytes = 4_000;
    // Brokers refuse what is more than an hour ahead of them.
    const int MaxJumpSeconds = 6000;

    readonly List<PlannedFault> _armed = [];
    readonly HashSet<int> _struck = [];
    readonly Dictionary<int, int> _uncertainAt = [];
    readonly int _maxMessageBytes = targets.Machine.Settings.MaxMessageBytes;
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

    /// <summary>
    /// Everything works again from now on. Connections that are dead stay so: nobody knows of them. What brokers hold is lost: a dead writer's
    /// request for its id that comes late shuts out the one that lives.
    /// </summary>
    public void Heal()
    {
        _isHealed = true;
        _armed.Clear();
        targets.Surgery.MakeReady();
        targets.BreakNames(false);
        scheduler.Story?.Add(scheduler.Now, "--- all faults end here ---");
        foreach (var link in targets.Network.Links.Values)
            link.Heal();
        targets.Network.Operate(machine => machine.LoseHeld(scheduler.NowMs));
        targets.Network.Operate(machine => machine.Operate(scheduler.NowMs, cluster => ClusterFaults.Heal(cluster, scheduler.NowMs)));
        targets.Network.AbandonMoved();
        targets.Machine.Settings.MaxMessageBytes = _maxMessageBytes;
    }

    public Fault OnRequest(in RequestInfo request, long nowMs)
    {
        if (IsTooEarly(request))
            return new Fault { Error = ErrorCode.NotLeaderOrFollower };
        for (var i = 0; i < _armed.Count; i++)
        {
            if (ToRequestFault(_armed[i], request) is not { } fault)
                continue;
            if (fault.IllegalAnswer > 0)
                IllegalAnswers[request.ApiKey] = IllegalAnswers.GetValueOrDefault(request.ApiKey) + 1;
            StrikeRequest(_armed[i], $"{request.ApiKey} v{request.Version} (correlation id {request.CorrelationId}) at node {request.NodeId}");
            if (_armed[i].Kind == FaultKind.LimitLowered)
                LowerLimit(_armed[i]);
            var hasMore = _armed[i].Kind == FaultKind.DeniedBehindUncertain && _uncertainAt.TryAdd(_armed[i].Index, request.NodeId);
            if (!hasMore && !Lasts(_armed[i]))
                _armed.RemoveAt(i);
            return fault;
        }
        return default;
    }

    /// <summary>A topic was created anew, and this is the first request of a producer that comes to a leader of it.</summary>
    bool IsTooEarly(in RequestInfo request)
    {
        if (request.ApiKey != ApiKey.Produce || !targets.Surgery.HasRecreated)
            return false;
        var isEarly = false;
        foreach (var topic in RequestBody.Read<ProduceRequest, ProduceResponse>(request.Frame, request.Version).TopicData)
        {
            foreach (var partition in topic.PartitionData)
            {
                if (partition.Records is { Length: >= BatchHeader.Size } batch)
                    isEarly |= targets.Surgery.IsTooEarly(topic.TopicId, partition.Index, new BatchHeader(batch.Span).ProducerId);
            }
        }
        if (isEarly)
            scheduler.Story?.Add(scheduler.Now, $"FAULT the leader of a new topic is not ready: node {request.NodeId} (correlation id {request.CorrelationId})");
        return isEarly;
    }

    void Begin(PlannedFault fault)
    {
        if (_isHealed || !targets.Meets(fault.Kind))
            return;
        switch (fault.Kind)
        {
            case FaultKind.ConnectionReset when targets.Network.Open.Count > 0:
                Strike(fault, "");
                targets.Network.Open[fault.Where % targets.Network.Open.Count].Reset();
                break;
            case FaultKind.HalfOpenConnection when targets.Network.Open.Count > 0:
                Strike(fault, "");
                targets.Network.Open[fault.Where % targets.Network.Open.Count].Die();
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
                targets.BreakNames(true);
                After(fault, () => targets.BreakNames(false));
                break;
            case FaultKind.ClockJump:
                Strike(fault, "");
                targets.JumpClock(TimeSpan.FromSeconds(fault.HowMuch % MaxJumpSeconds - MaxJumpSeconds / 2));
                break;
            case FaultKind.Stall:
                Strike(fault, "");
                targets.Stall(Ms(1 + fault.HowMuch % (fault.Where % 8 == 0 ? MaxLongStallMs : MaxStallMs)));
                break;
            case FaultKind.ConnectionReset or FaultKind.HalfOpenConnection:
                break;
            case var kind when ClusterFaults.Knows(kind):
                new ClusterFaults(scheduler, targets, Strike, After).Begin(fault);
                break;
            default:
                _armed.Add(fault);
                if (Lasts(fault))
                    After(fault, () => _armed.Remove(fault));
                break;
        }
    }

    /// <summary>What is on its way is written still, and nobody hears of it: the broker starts anew with another setting.</summary>
    void LowerLimit(PlannedFault fault)
    {
        scheduler.PostAt(scheduler.Now + 1, WorkKind.Fault, _ =>
        {
            if (!_isHealed)
                targets.Machine.Settings.MaxMessageBytes = SmallestBatchLimit + fault.HowMuch % MaxMoreBatchBytes;
        }, null);
        After(fault, () => targets.Machine.Settings.MaxMessageBytes = _maxMessageBytes);
    }

    void During(PlannedFault fault, Action<LinkState> begin, Action<LinkState> end)
    {
        var node = 1 + fault.Where % targets.Network.Links.Count;
        Strike(fault, $"node {node}");
        begin(targets.Network.Links[node]);
        After(fault, () =>
        {
            scheduler.Story?.Add(scheduler.Now, $"fault {fault} ends");
            end(targets.Network.Links[node]);
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

    Fault? ToRequestFault(PlannedFault fault, in RequestInfo request)
    {
        var api = request.ApiKey;
        if (!Fits(fault, api))
            return null;
        switch (fault.Kind)
        {
            case FaultKind.LimitLowered:
                return api == ApiKey.Produce ? new Fault { CloseAfter = true } : null;
            case FaultKind.LostRequest:
                return new Fault { CloseBefore = true };
            case FaultKind.LostResponse:
                return new Fault { CloseAfter = true };
            case FaultKind.CutResponse:
                return new Fault { CutAnswerAfterBytes = 1 + fault.HowMuch % 60 };
            case FaultKind.SilentBroker:
                return new Fault { Silence = true };
            case FaultKind.SlowRequest:
                // Some of them are worked off when nobody waits for them any more.
                return new Fault { DelayBeforeMs = 1 + fault.HowMuch % MaxHoldMs, CloseBefore = fault.HowMuch % 3 == 0 };
            case FaultKind.SlowResponse:
                return new Fault { DelayAnswerMs = 1 + fault.HowMuch % MaxHoldMs };
            case FaultKind.IllegalAnswer:
                return new Fault { IllegalAnswer = 1 + fault.HowMuch % (int.MaxValue - 1) };
            case FaultKind.DamagedRecords:
                return api == ApiKey.Fetch ? new Fault { DamageRecords = 1 + fault.HowMuch % int.MaxValue } : null;
            case FaultKind.DeniedBehindUncertain when _uncertainAt.TryGetValue(fault.Index, out var node):
                return api == ApiKey.Produce && request.NodeId == node ? new Fault { Error = ErrorCode.TopicAuthorizationFailed } : null;
            case FaultKind.DeniedBehindUncertain when api != ApiKey.Produce:
                return null;
            case FaultKind.AccessDenied:
                return PassingErrors.IsDeniable(api) ? new Fault { Error = ErrorCode.TopicAuthorizationFailed } : null;
            case FaultKind.RefusedRequest:
                return PassingErrors.Before(api) is { IsEmpty: false } before ? new Fault { Error = before[fault.HowMuch % before.Length] } : null;
            default:
                return PassingErrors.After(api) is { IsEmpty: false } after ? new Fault { ErrorAfter = after[fault.HowMuch % after.Length] } : null;
        }
    }

    /// <summary>A third of the errors come again and again for the time of the fault.</summary>
    static bool Lasts(PlannedFault fault) =>
        fault.Kind is FaultKind.RefusedRequest or FaultKind.UncertainAnswer or FaultKind.AccessDenied && fault.Where / 2 % 3 == 0;

    /// <summary>
    /// Half of them wait for the requests that carry records, commits or ends of transactions, an eighth for one of those of which there
    /// are the fewest, an eighth for any other that is not all the time on its way; the rest take what comes. A kind that strikes at one API
    /// alone waits for that.
    /// </summary>
    static bool Fits(PlannedFault fault, ApiKey api) =>
        fault.Kind is FaultKind.LimitLowered or FaultKind.DamagedRecords or FaultKind.DeniedBehindUncertain || (fault.Where % 8) switch
        {
            0 or 4 => true,
            2 => api is ApiKey.InitProducerId or ApiKey.JoinGroup or ApiKey.ConsumerGroupHeartbeat or ApiKey.AddOffsetsToTxn or ApiKey.LeaveGroup or ApiKey.DescribeGroups,
            6 => api is not (ApiKey.Produce or ApiKey.Fetch or ApiKey.Metadata or ApiKey.ApiVersions or ApiKey.Heartbeat or ApiKey.ConsumerGroupHeartbeat),
            _ => api is ApiKey.Produce or ApiKey.Fetch or ApiKey.OffsetCommit or ApiKey.EndTxn or ApiKey.TxnOffsetCommit,
        };
}
