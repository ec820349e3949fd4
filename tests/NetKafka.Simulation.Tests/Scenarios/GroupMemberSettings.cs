using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Runs;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>What the members of a group have in common, drawn from the seed.</summary>
sealed class GroupMemberSettings
{
    public const string GroupId = "readers";

    readonly SimWorld _world;
    readonly GroupProtocol _protocol;
    readonly IList<PartitionAssignmentStrategy> _strategies;
    readonly TimeSpan _sessionTimeout;

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
        KnowsStaticMembers = OldVersions.KnowsStaticMembers(world.Machine.Settings.ApiVersionLimits);
        _sessionTimeout = TimeSpan.FromMilliseconds(1_500 + world.Random.Next(5_000));
        var settings = world.Machine.Settings;
        settings.ConsumerSessionTimeoutMs = (int)_sessionTimeout.TotalMilliseconds;
        settings.ConsumerHeartbeatIntervalMs = settings.ConsumerSessionTimeoutMs / (3 + world.Chance("heartbeats").Next(3));
        settings.ConsumerAssignmentIntervalMs = world.Chance("targets").Next(3) * 200;
        // The group goes over to the consumer protocol with members of either in it. One that went back would have a classic member own what it
        // was to own next, and give away what it has where the group goes over again before the member has joined: Kafka's coordinator does.
        HasBothProtocols = IsMixed(world, protocol == GroupProtocol.Consumer);
        if (HasBothProtocols)
            settings.GroupMigration = GroupMigrationPolicy.Upgrade;
    }

    /// <summary>Whether members can be static.</summary>
    public bool KnowsStaticMembers { get; }

    /// <summary>Whether members of both protocols are in the group.</summary>
    public bool HasBothProtocols { get; }

    /// <summary>Commits come only before partitions are given up, so none may be left out then.</summary>
    public bool CommitsOnlyWhenLeaving { get; }

    /// <summary>Members commit in their loops alone, now and then, and never before they give up partitions.</summary>
    public bool CommitsByHand { get; }

    /// <summary>
    /// Whether members of both protocols are in the group. Topics are not created anew there: those of the classic protocol are given
    /// partitions by name, and read of the new topic what is others' by now.
    /// </summary>
    public static bool IsMixed(SimWorld world, bool isOfConsumerProtocol) => isOfConsumerProtocol && world.Chance("protocols").Next(6) == 0;

    /// <summary>New partitions show at the next look at the metadata, which must come before the run ends.</summary>
    public static void LearnSoon(KafkaClientOptions options) =>
        options.MetadataMaxAge = TimeSpan.FromSeconds(Math.Min(options.MetadataMaxAge.TotalSeconds, 10));

    /// <summary>Options of one member.</summary>
    public ConsumerOptions Draw(string topic, string member)
    {
        var random = _world.Random;
        var protocol = HasBothProtocols && _world.Chance("protocol of " + member).Next(2) == 0 ? GroupProtocol.Classic : _protocol;
        var options = new ConsumerOptions
        {
            GroupId = GroupId,
            GroupInstanceId = random.Next(4) == 0 && KnowsStaticMembers ? member : null,
            Topics = [topic],
            AutoOffsetReset = AutoOffsetReset.Earliest,
            GroupProtocol = protocol,
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
        Subscribe(options, topic, _world.Chance("subscription of " + member));
        if (protocol == GroupProtocol.Consumer)
        {
            options.GroupRemoteAssignor = random.Next(3) switch { 0 => "range", 1 => "uniform", _ => null };
            return options;
        }
        // A coordinator forgets what cooperative members keep where a group goes over between their join and their sync, and gives it away; those
        // that give all up before they join keep nothing.
        options.PartitionAssignmentStrategies = HasBothProtocols ? [PartitionAssignmentStrategy.Sticky, PartitionAssignmentStrategy.Range] : _strategies;
        options.SessionTimeout = _sessionTimeout;
        options.HeartbeatInterval = _sessionTimeout / (3 + _world.Chance("heartbeats " + member).Next(3));
        return options;
    }

    /// <summary>Some name no topic and match it, here or at the broker.</summary>
    static void Subscribe(ConsumerOptions options, string topic, RandomSource chance)
    {
        var way = chance.Next(8);
        if (way > 1)
            return;
        options.Topics = [];
        if (way == 1 && options.GroupProtocol == GroupProtocol.Consumer)
            options.BrokerTopicPattern = topic[..2] + ".*";
        else
            (options.TopicPattern, options.TopicExcludePattern) = (topic[..2] + ".*", "none");
    }
}
