using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Network;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>One run as its scenario sees it: the cluster, the clock, chance, the history, and clients on demand.</summary>
sealed class SimWorld
{
    readonly List<(string Name, KafkaClient Client, SimTransport Transport)> _clients = [];
    readonly Dictionary<string, int> _createdWith = new(StringComparer.Ordinal);
    readonly TaskCompletionSource _healed = new();
    readonly ulong _seed;

    /// <param name="seed">The seed.</param>
    /// <param name="story">Takes what happens; null for nobody.</param>
    /// <param name="mayHaveRacks">Whether the seed may give the brokers racks.</param>
    public SimWorld(ulong seed, Story? story, bool mayHaveRacks = false)
    {
        _seed = seed;
        HasRacks = mayHaveRacks && Chance("racks").Next(4) == 0;
        Random = Chance("scenario");
        Group = new GroupHistory(Violations.Add);
        Views = new ViewChecker(Violations);
        Surgery = new LogSurgery(record => Group.Remove(record.Topic, record.Partition, record.Offset), BeginAnew);
        Network = CreateNetwork(seed, story);
    }

    public SimScheduler Scheduler => Network.Scheduler;

    public SimNetwork Network { get; }

    public ClusterMachine Machine { get; private set; } = null!;

    public SimTime Time { get; private set; } = null!;

    /// <summary>Chance for the scenario.</summary>
    public RandomSource Random { get; }

    public History History { get; } = new();

    public Violations Violations { get; } = new();

    public WireChecker Wire { get; private set; } = null!;

    /// <summary>Whether clients wait where they are asked to.</summary>
    public ThrottleChecker Throttling { get; private set; } = null!;

    /// <summary>What clients know of leaders.</summary>
    public ViewChecker Views { get; }

    /// <summary>The transactions of the run.</summary>
    public TransactionHistory Transactions { get; } = new();

    /// <summary>What the group of the run has read and committed.</summary>
    public GroupHistory Group { get; }

    /// <summary>Takes records out of logs.</summary>
    public LogSurgery Surgery { get; }

    /// <summary>Whether brokers have racks, and send consumers to the follower of theirs (KIP-392).</summary>
    public bool HasRacks { get; }

    /// <summary>Whether topics may be deleted and created anew while groups read them.</summary>
    public bool MayRecreate { get; set; }

    /// <summary>How long faults may begin.</summary>
    public long ChaosTicks { get; private set; }

    /// <summary>Ends when all faults have ended.</summary>
    public Task Healed => _healed.Task;

    /// <summary>When they had.</summary>
    public long HealedTicks { get; private set; } = long.MaxValue;

    public long WallClockMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Waits on the virtual clock.</summary>
    public Task Pause(TimeSpan time, CancellationToken cancellation = default) => Task.Delay(time, Time, cancellation);

    public void OnHealed()
    {
        Group.IsHealed = true;
        HealedTicks = Scheduler.Now;
        _healed.TrySetResult();
    }

    public void BreakNames(bool isBroken)
    {
        foreach (var (_, _, transport) in _clients)
            transport.IsDnsBroken = isBroken;
    }

    /// <summary>Lets ticks pass in which no client does anything. They are no client's fault.</summary>
    public void Stall(long ticks)
    {
        Scheduler.Stall(ticks);
        History.OnStall(ticks);
    }

    /// <summary>The process of a client is gone: its connections are dead, and it will have no others.</summary>
    public void Crash(string name)
    {
        foreach (var (other, _, transport) in _clients)
        {
            if (other == name)
                transport.Crash();
        }
    }

    /// <summary>Nothing that the process of a client sends, or is sent, arrives, until it is let go on.</summary>
    public void Freeze(string name, bool isFrozen)
    {
        foreach (var (other, _, transport) in _clients)
        {
            if (other == name)
                transport.Freeze(isFrozen);
        }
    }

    /// <summary>What the cluster has as a group's offset; −1 for none.</summary>
    public long CommittedOffset(string group, string topic, int partition) =>
        Machine.Cluster.Groups.Find(group)?.Offsets.Find(topic, partition)?.Offset ?? -1;

    /// <summary>Whether a record is of a transaction that has not ended.</summary>
    public bool IsOpen(string topic, int partition, long offset) =>
        OpenTransactions.Holds(Machine.Cluster.FindTopic(topic)!.Partitions[partition].Log, offset);

    /// <summary>Whether who reads committed records alone may be given a record at this moment.</summary>
    public bool Shows(LoggedRecord record) => !record.IsAborted && !(record.IsTransactional && IsOpen(record.Topic, record.Partition, record.Offset));

    /// <summary>The records of a topic that show at this moment.</summary>
    public IReadOnlySet<int> VisibleIds(string topic) =>
        ReadLog().Records.Where(record => record.Topic == topic && Shows(record)).Select(static record => record.Id).ToHashSet();

    /// <summary>Whether a client of this name is in a group, as its coordinator sees it.</summary>
    public bool IsMember(string group, string client) =>
        Machine.Cluster.Groups.Find(group)?.Members.Any(member => member.ClientId == client) == true;

    /// <summary>
    /// Whether a client of this name is in the generation of a group and was told so: a static member may have missed a rebalance, and a join
    /// that was worked off late is one that its member has given up.
    /// </summary>
    public bool IsInGeneration(string group, string client) =>
        Machine.Cluster.Groups.Find(group) switch
        {
            ClassicGroup classic => classic.Members.Any(member => member.ClientId == client && member.JoinedGeneration == classic.Generation),
            ConsumerGroup consumer => consumer.Members.Any(member => member.ClientId == client && member.Epoch > 0),
            _ => false,
        };

    /// <summary>
    /// Whether a partition that a member is given is one of the topic that there is now, and not of one before it of the same name, which
    /// members of the consumer protocol tell apart.
    /// </summary>
    public bool IsOfTheTopicOfNow(string group, string client, TopicPartition partition) =>
        !MayRecreate || Machine.Cluster.Groups.Find(group) is not ConsumerGroup consumer || Machine.Cluster.FindTopic(partition.Topic) is not { } topic
        || consumer.Members.Any(member => member.ClientId == client && member.Holds(new TopicIdPartition(topic.Id, partition.Partition)));

    public void Tell(string line) => Scheduler.Story?.Add(Scheduler.Now, line);

    /// <summary>Has a reader fetch from a broker of its rack, if there are racks and it has one.</summary>
    public void DrawRack(KafkaClientOptions options, string reader)
    {
        if (!HasRacks)
            return;
        var chance = Chance("rack of " + reader);
        options.ClientRack = chance.Next(6) == 0 ? null : RackOf(1 + chance.Next(3));
        // So long a replica is read from before the leader is asked again, however far it is behind, and the leader alone after a failure.
        options.MetadataMaxAge = chance.Next(3) > 0
            ? TimeSpan.FromMilliseconds(200 + chance.Next(2_000))
            : TimeSpan.FromSeconds(Math.Min(options.MetadataMaxAge.TotalSeconds, 10));
    }

    /// <summary>A source of chance of its own for one purpose, so that a change of one does not move the others.</summary>
    public RandomSource Chance(string purpose)
    {
        var mixed = new RandomSource(_seed);
        var state = mixed.NextUInt64();
        foreach (var letter in purpose)
            state = new RandomSource(state ^ letter).NextUInt64();
        return new RandomSource(state);
    }

    /// <summary>The id and the epoch that each client's producer knows of itself.</summary>
    public Dictionary<string, (long ProducerId, short Epoch)> Stamps { get; } = [];

    public SessionChecker Sessions => field ??= new SessionChecker(Violations);

    /// <summary>Who is told, by the names of clients, of partitions that were read under a topic's id and are looked up again.</summary>
    public Dictionary<string, Action<string>> LookedUpAgain { get; } = [];

    /// <summary>A client of the cluster, with timeouts that fit a run of seconds.</summary>
    public KafkaClient CreateClient(string name, Action<KafkaClientOptions>? configure = null)
    {
        var options = new KafkaClientOptions
        {
            // As it was written down once, whatever the addresses are at present.
            BootstrapServers = string.Join(',', Machine.Cluster.Brokers.Select(broker => $"{SimNetwork.HostOf(broker.NodeId)}:{SimNetwork.Port}")),
            ClientId = name,
            TimeProvider = Time,
            RequestTimeout = TimeSpan.FromMilliseconds(Random.Next(3) == 0 ? 400 + Random.Next(600) : 1_000 + Random.Next(4_000)),
            ConnectionSetupTimeout = TimeSpan.FromMilliseconds(1_000 + Random.Next(3_000)),
            ConnectionMaxIdle = Random.Next(4) == 0 ? TimeSpan.FromMilliseconds(100 + Random.Next(2_000)) : TimeSpan.FromMinutes(9),
            MetadataMaxAge = Random.Next(4) == 0 ? TimeSpan.FromMilliseconds(200 + Random.Next(3_000)) : TimeSpan.FromMinutes(5),
            ReconnectBackoff = TimeSpan.FromMilliseconds(1 + Random.Next(50)),
            ReconnectBackoffMax = TimeSpan.FromMilliseconds(60 + Random.Next(600)),
            RetryBackoff = TimeSpan.FromMilliseconds(1 + Random.Next(100)),
            RetryBackoffMax = TimeSpan.FromMilliseconds(110 + Random.Next(600)),
            LoggerFactory = new StoryLogger(Scheduler, name, Stamps, Sessions, partition => LookedUpAgain.GetValueOrDefault(name)?.Invoke(partition)),
        };
        configure?.Invoke(options);
        var transport = new SimTransport(Network, name);
        var client = new KafkaClient(
            options, new RuntimeSeams(transport, Chance("client " + name), new SimDispatcher(Scheduler)));
        _clients.Add((name, client, transport));
        return client;
    }

    /// <summary>Creates a topic in the cluster, at once and without a client.</summary>
    public void CreateTopic(string name, int partitions, int replicas)
    {
        _createdWith[name] = partitions;
        Network.Operate(machine => machine.Operate(
            Scheduler.NowMs,
            cluster => cluster.CreateTopic(new TopicOrder(name) { Partitions = partitions, ReplicationFactor = replicas })));
    }

    /// <summary>What lies in the cluster's logs.</summary>
    public LogTruth ReadLog() => LogTruth.Read(Machine.Cluster, _createdWith, Surgery.Removed);

    /// <summary>Looks at what clients know.</summary>
    public void LookAtViews()
    {
        foreach (var (name, client, _) in _clients)
            Views.Look(name, client.Runtime.Cluster.View);
    }

    /// <summary>P22: what disposed clients have left behind.</summary>
    public void CheckLeaks()
    {
        // Who was away while it closed was late by its own clock, and did not wait for the last connections.
        if (Network.UnclosedCount > 0 && Scheduler.StalledUntil >= Scheduler.Now - SimConnection.MaxCloseTicks)
            Scheduler.Run(() => Pause(TimeSpan.FromTicks(2 * SimConnection.MaxCloseTicks)), long.MaxValue);
        var leaks = new LeakChecker(Violations);
        foreach (var (name, client, _) in _clients)
            leaks.CheckClient(name, client.Runtime.Pool.RentedCount, client.Runtime.Fault);
        leaks.CheckWorld(Network.UnclosedCount, Time.ArmedCount);
    }

    static string RackOf(int node) => $"rack-{node}";

    /// <summary>To the consumer protocol the new topic's partitions are others, which nobody owns yet.</summary>
    void BeginAnew(string topic) => Group.BeginAnew(topic, Machine.Cluster.Groups.Groups.Any(static group => group is ConsumerGroup));

    SimNetwork CreateNetwork(ulong seed, Story? story)
    {
        var chance = Chance("world");
        var order = chance.Next(4) switch { 0 => PickOrder.MostlyOldest, 1 => PickOrder.MostlyNewest, _ => PickOrder.Any };
        var scheduler = new SimScheduler(Chance("schedule"), order, story);
        var lateness = chance.Next(2) * chance.Next(20_000);
        Time = new SimTime(scheduler, Chance("timers"), lateness);
        ChaosTicks = TimeSpan.TicksPerMillisecond * (1_500 + chance.Next(6_000));
        var settings = new ClusterSettings
        {
            WallClockOffsetMs = SimTime.Epoch.ToUnixTimeMilliseconds(),
            ReplicationDelayMs = chance.Next(3) switch { 0 => 0, 1 => 1, _ => 30 },
            MinInSyncReplicas = 1 + chance.Next(2),
            MinSessionTimeoutMs = 100,
            RefusesNeedlessFullFetches = true,
            InitialRebalanceDelayMs = chance.Next(3) == 0 ? chance.Next(500) : 0,
            TurnsAbortedList = chance.Next(2) == 0,
            RejectUnknownProducers = chance.Next(4) == 0,
            NamesDuplicates = chance.Next(4) == 0,
            MaxFetchSessions = chance.Next(4) == 0 ? chance.Next(4) : 1000,
            MaxMessageBytes = chance.Next(4) == 0 ? FaultInjector.SmallestBatchLimit + chance.Next(2_000) : 1_048_588,
            SelectsReplicasByRack = HasRacks,
        };
        OldVersions.Draw(chance, settings.ApiVersionLimits);
        Machine = new ClusterMachine(settings, (long)seed);
        Machine.Operate(0, cluster =>
        {
            for (var node = 1; node <= 3; node++)
                cluster.AddBroker(node, SimNetwork.HostOf(node), SimNetwork.Port, HasRacks ? RackOf(node) : null);
        });
        Wire = new WireChecker(scheduler, Machine, Group, History, Violations);
        Throttling = new ThrottleChecker(Machine.Cluster, Violations);
        return new SimNetwork(scheduler, Machine, NetworkSettings.Draw(chance), Chance("network"))
        {
            Watch = new WireWatch(new SequenceChecker(Machine.Cluster, Violations), Throttling, Violations),
        };
    }
}
