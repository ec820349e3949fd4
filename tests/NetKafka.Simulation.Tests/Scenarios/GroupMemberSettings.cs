using NetKafka.Consuming;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>What the members of a group have in common, drawn from the seed.</summary>
sealed class GroupMemberSettings
{
    public const string GroupId = "readers";

    readonly SimWorld _world;
    readonly GroupProtocol _protocol;
    readonly IList<PartitionAssignmentStrategy> _strategies;
    readonly TimeSpan _sessionTimeout;
    readonly bool _knowsStaticMembers;

    public GroupMemberSettings(SimWorld world, GroupProtocol protocol = GroupProtocol.Classic)
    {
        (_world, _protocol) = (world, protocol);
        _strategies = world.Random.Next(6) switch
        {
            0 => [PartitionAssignmentStrategy.Range],
            1 or 2 => [PartitionAssignmentStrategy.CooperativeSticky],
            3 => [PartitionAssignmentStrategy.RoundRobin, PartitionAssignmentStrategy.Sticky],
            4 => [PartitionAssignmentStrategy.Sticky, PartitionAssignmentStrategy.CooperativeSticky],
            _ => [PartitionAssignmentStrategy.Range, PartitionAssignmentStrategy.CooperativeSticky],
        };
        var commits = world.Random.Next(8);
        (CommitsOnlyWhenLeaving, CommitsByHand) = (commits < 2, commits is 2 or 3);
        _knowsStaticMembers = OldVersions.KnowsStaticMembers(world.Machine.Settings.ApiVersionLimits);
        _sessionTimeout = TimeSpan.FromMilliseconds(1_500 + world.Random.Next(5_000));
        var settings = world.Machine.Settings;
        settings.ConsumerSessionTimeoutMs = (int)_sessionTimeout.TotalMilliseconds;
        settings.ConsumerHeartbeatIntervalMs = settings.ConsumerSessionTimeoutMs / (3 + world.Chance("heartbeats").Next(3));
        settings.ConsumerAssignmentIntervalMs = world.Chance("targets").Next(3) * 200;
    }

    /// <summary>Commits come only before partitions are given up, so none may be left out then.</summary>
    public bool CommitsOnlyWhenLeaving { get; }

    /// <summary>Members commit in their loops alone, now and then, and never before they give up partitions.</summary>
    public bool CommitsByHand { get; }

    /// <summary>New partitions show at the next look at the metadata, which must come before the run ends.</summary>
    public static void LearnSoon(KafkaClientOptions options) =>
        options.MetadataMaxAge = TimeSpan.FromSeconds(Math.Min(options.MetadataMaxAge.TotalSeconds, 10));

    /// <summary>Options of one member.</summary>
    public ConsumerOptions Draw(string topic, string member)
    {
        var random = _world.Random;
        var options = new ConsumerOptions
        {
            GroupId = GroupId,
            GroupInstanceId = random.Next(4) == 0 && _knowsStaticMembers ? member : null,
            Topics = [topic],
            AutoOffsetReset = AutoOffsetReset.Earliest,
            GroupProtocol = _protocol,
            // A member that hears of a rebalance by a heartbeat has to come within it.
            MaxPollInterval = random.Next(4) == 0 ? _sessionTimeout / 3 + TimeSpan.FromMilliseconds(800) : TimeSpan.FromSeconds(60),
            EnableAutoCommit = !CommitsByHand,
            AutoCommitInterval = CommitsOnlyWhenLeaving ? TimeSpan.FromHours(1) : TimeSpan.FromMilliseconds(20 + random.Next(1_500)),
            FetchMaxWait = TimeSpan.FromMilliseconds(random.Next(500)),
            FetchMaxBytes = random.Next(3) == 0 ? 1_024 : 50 * 1024 * 1024,
            MaxPartitionFetchBytes = random.Next(3) == 0 ? 1_024 : 1024 * 1024,
            MaxPrefetchBytes = random.Next(3) == 0 ? 1024 * 1024 : 64 * 1024 * 1024,
            DefaultApiTimeout = TimeSpan.FromSeconds(20),
            CloseTimeout = TimeSpan.FromSeconds(20),
        };
        if (_protocol == GroupProtocol.Consumer)
        {
            options.GroupRemoteAssignor = random.Next(3) switch { 0 => "range", 1 => "uniform", _ => null };
            return options;
        }
        options.PartitionAssignmentStrategies = _strategies;
        options.SessionTimeout = _sessionTimeout;
        options.HeartbeatInterval = _sessionTimeout / (3 + _world.Chance("heartbeats " + member).Next(3));
        return options;
    }
}
