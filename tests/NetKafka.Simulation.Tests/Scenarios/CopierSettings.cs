using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>What the copiers of a run have in common, drawn from the seed.</summary>
sealed class CopierSettings
{
    readonly IList<PartitionAssignmentStrategy> _strategies;
    readonly TimeSpan _sessionTimeout;
    readonly bool _areStatic;

    public CopierSettings(SimWorld world, string from, string to)
    {
        (From, To) = (from, to);
        _strategies = world.Random.Next(2) == 0 ? [PartitionAssignmentStrategy.Range] : [PartitionAssignmentStrategy.CooperativeSticky];
        _sessionTimeout = TimeSpan.FromMilliseconds(1_500 + world.Random.Next(4_000));
        _areStatic = world.Random.Next(2) == 0 && OldVersions.KnowsReturningLeaders(world.Machine.Settings.ApiVersionLimits);
        PercentOfPauses = world.Random.Next(3) * 5;
        PercentOfFailures = world.Random.Next(3) * 5;
    }

    public TimeSpan SessionTimeout => _sessionTimeout;

    public string From { get; }

    public string To { get; }

    public int PercentOfPauses { get; }

    public int PercentOfFailures { get; }

    public ConsumerOptions Draw(RandomSource random, string member) => new()
    {
        GroupId = CopierProcess.GroupId,
        GroupInstanceId = _areStatic ? member : null,
        Topics = [From],
        EnableAutoCommit = false,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        PartitionAssignmentStrategies = _strategies,
        SessionTimeout = _sessionTimeout,
        HeartbeatInterval = _sessionTimeout / (3 + random.Next(3)),
        MaxPollInterval = TimeSpan.FromMilliseconds(random.Next(4) == 0 ? 2_000 : 60_000),
        FetchMaxWait = TimeSpan.FromMilliseconds(random.Next(8) == 0 ? random.Next(50) : 100 + random.Next(400)),
        FetchMaxBytes = random.Next(3) == 0 ? 1_024 : 50 * 1024 * 1024,
        MaxPartitionFetchBytes = random.Next(3) == 0 ? 1_024 : 1024 * 1024,
        MaxPrefetchBytes = random.Next(3) == 0 ? 1024 * 1024 : 64 * 1024 * 1024,
        DefaultApiTimeout = TimeSpan.FromSeconds(20),
        CloseTimeout = TimeSpan.FromSeconds(20),
    };
}
