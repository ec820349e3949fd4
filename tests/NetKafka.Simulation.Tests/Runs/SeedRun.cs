using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Scenarios;
using NetKafka.Testing.Internal;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>Runs one seed of one scenario: chaos, healing, the end, the checks.</summary>
sealed class SeedRun : IFaults
{
    static readonly TimeSpan AfterStall = TimeSpan.FromMilliseconds(500);

    readonly Scenario _scenario;
    readonly SimWorld _world;
    readonly FaultPlan _plan;
    readonly FaultInjector _faults;
    readonly LateEndChecker _ends;

    SeedRun(ulong seed, Scenario scenario, RunOptions options)
    {
        _scenario = scenario;
        _world = new SimWorld(seed, options.TellsStory ? new Story() : null, scenario.MayHaveRacks);
        _plan = FaultPlan.Draw(_world.Chance("faults"), _world.ChaosTicks, scenario.Meets);
        // A follower that is asked under the leader's address answers as one, and nothing tells its word of an offset from the leader's.
        if (_world.HasRacks)
            _plan = _plan.Keep(static fault => fault.Kind != FaultKind.SwappedAddresses).WithFaultsOfReplicas(_world.Chance("faults of replicas"), _world.ChaosTicks);
        _world.MayRecreate = scenario.MayRecreateTopics && _world.Chance("recreations").Next(6) == 0 && !GroupMemberSettings.IsMixed(_world, scenario.NeedsConsumerProtocol);
        if (_world.MayRecreate)
            _plan = _plan.WithRecreations(_world.Chance("faults of topics"), _world.ChaosTicks);
        if (options.Keeps is { } keeps)
            _plan = _plan.Keep(keeps);
        bool Meets(FaultKind kind) => _plan.Faults.Any(fault => fault.Kind == kind);
        OldVersions.KeepWhatIsNeeded(_world.Machine.Settings.ApiVersionLimits, Meets);
        var commitsByName = scenario.MayRecreateTopics && !_world.MayRecreate && _world.Chance("commits by id").Next(4) > 0;
        if (commitsByName)
            OldVersions.CommitByName(_world.Machine.Settings.ApiVersionLimits);
        if (scenario.NeedsTransactions)
        {
            _world.Machine.Settings.TransactionVersion = (short)_world.Chance("transactions").Next(3);
            _world.Machine.Settings.TransactionMarkerDelayMs = DrawMarkerDelay(_world.Chance("markers"));
            OldVersions.KeepTransactions(_world.Machine.Settings.ApiVersionLimits, _world.Machine.Settings.TransactionVersion);
        }
        if (scenario.NeedsConsumerProtocol)
            OldVersions.KeepConsumerProtocol(_world.Machine.Settings.ApiVersionLimits);
        _faults = new FaultInjector(_plan, _world.Scheduler, new FaultTargets(
            _world.Network, _world.Machine, _world.Surgery, Meets, scenario.NeedsTransactions, scenario.NeedsConsumerProtocol, commitsByName, _world.BreakNames, _world.Time.Jump, _world.Stall));
        _ends = new LateEndChecker(_world.Violations);
        _world.Machine.Faults = this;
    }

    /// <summary>How long after its end is decided a transaction's markers are written: mostly at once, now and then much later.</summary>
    static int DrawMarkerDelay(RandomSource chance) => chance.Next(6) == 0 ? 1_000 + chance.Next(2_000) : chance.Next(3) * 40;

    /// <param name="seed">The seed.</param>
    /// <param name="scenario">The scenario's name; null for the one of the seed.</param>
    /// <param name="options">How.</param>
    public static SeedResult Execute(ulong seed, string? scenario, RunOptions? options = null)
    {
        options ??= new RunOptions();
        // The whole world of a seed lives on this thread.
        Planted.Bug = options.Bug;
        var run = new SeedRun(seed, Scenario.Of(seed, scenario), options);
        run.Run();
        Planted.Bug = Bug.None;
        var world = run._world;
        return new SeedResult(
            seed, run._scenario.Name, world.Scheduler.Trace.Value, world.History.Sent.Count, run._faults.Struck, run._faults.IllegalAnswers, run._plan.Faults,
            world.Violations.Kept, world.Scheduler.Story, world.Scheduler.Steps);
    }

    public Fault OnRequest(in RequestInfo request, long nowMs)
    {
        _world.Wire.OnRequest(request);
        _world.LookAtViews();
        var fault = _faults.OnRequest(request, nowMs);
        _ends.OnRequest(request, fault);
        if (fault.DelayBeforeMs > 0)
            _world.Wire.OnHeld(request);
        if (fault is { IllegalAnswer: 0, CutAnswerAfterBytes: 0 })
            _world.Throttling.Expect(request);
        _world.Group.HasDeniedCommits |= request.ApiKey == ApiKey.OffsetCommit && fault.Error is ErrorCode.TopicAuthorizationFailed or ErrorCode.RebalanceInProgress;
        return fault;
    }

    public void OnUnspoken(ApiKey apiKey, short version, int nodeId) =>
        _world.Violations.Add("P20 wire", $"{apiKey} v{version} came to node {nodeId}, which has not announced it");

    public void OnUnreadable(string problem, int nodeId) =>
        _world.Violations.Add("P20 wire", $"node {nodeId} was sent what is no request: {problem}");

    public void OnNeedlessFullFetch(string? clientId, int nodeId) => _world.Sessions.OnNeedlessFullFetch(clientId ?? "", nodeId);

    void Run()
    {
        try
        {
            _world.Scheduler.Run(StartAsync, _world.ChaosTicks + _scenario.LivenessBound.Ticks);
            _world.CheckLeaks();
        }
        catch (SimulationFailure failure)
        {
            _world.Violations.Add("P21 calls end", failure.Message);
        }
        catch (Exception error)
        {
            _world.Violations.Add("No defect", error.ToString());
        }
        _scenario.Check(_world);
        foreach (var violation in _world.Violations.Kept)
            _world.Tell($"VIOLATION {violation}");
    }

    Task StartAsync()
    {
        _faults.Start();
        _world.Scheduler.PostAt(_world.ChaosTicks, WorkKind.Fault, _ => Heal(), null);
        return _scenario.RunAsync(_world);
    }

    void Heal()
    {
        // What was due while the machine was busy runs in any order; this is put off, so that the faults among it come first.
        var stalledUntil = _world.Scheduler.StalledUntil;
        if (stalledUntil >= _world.ChaosTicks && _world.Scheduler.Now < stalledUntil + AfterStall.Ticks)
        {
            _world.Scheduler.PostAt(stalledUntil + AfterStall.Ticks, WorkKind.Fault, _ => Heal(), null);
            return;
        }
        _faults.Heal();
        _world.Machine.Settings.TransactionMarkerDelayMs = 0;
        _world.OnHealed();
    }
}
