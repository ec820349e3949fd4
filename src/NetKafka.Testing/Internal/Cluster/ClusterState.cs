using NetKafka.Protocol;
using NetKafka.Testing.Internal.Fetching;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Internal.Security;
using NetKafka.Testing.Internal.Sharing;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>
/// Brokers, topics and leaders, and the operations that change them. A stopped broker gives its leaderships to replicas in
/// sync; leader epochs rise with every change of leader.
/// </summary>
sealed partial class ClusterState
{
    readonly SortedDictionary<int, Broker> brokers = [];
    readonly SortedDictionary<string, Topic> topics = new(StringComparer.Ordinal);
    readonly Dictionary<Guid, Topic> topicsById = [];
    readonly SeededRandom random;
    MetadataView? currentView;
    long lastProducerId = -1;

    internal ClusterState(ClusterSettings settings, SeededRandom random, TimerQueue timers)
    {
        Settings = settings;
        this.random = random;
        Timers = timers;
        Sessions = new FetchSessions(settings, random);
        GroupConfigs = new GroupConfigs(settings);
        Configs = new DynamicConfigs();
        Quorum = new ControllerQuorum(this);
        Shares = new SharePartitions(this);
        ShareSessions = new ShareSessions(this);
        Tokens = new TokenStore(settings);
        Groups = new GroupCoordinator(this);
        Transactions = new TransactionCoordinator(this);
    }

    /// <summary>Tells the machine to close the connections of a broker.</summary>
    internal event Action<Broker>? BrokerStopped;

    internal ClusterSettings Settings { get; }

    internal TimerQueue Timers { get; }

    internal RecordBytes Records { get; } = new();

    internal FetchSessions Sessions { get; }

    internal GroupConfigs GroupConfigs { get; }

    internal DynamicConfigs Configs { get; }

    internal ControllerQuorum Quorum { get; }

    internal AclStore Acls { get; } = new();

    internal QuotaStore Quotas { get; } = new();

    internal ScramStore Scram { get; } = new();

    internal TokenStore Tokens { get; }

    internal SharePartitions Shares { get; }

    internal ShareSessions ShareSessions { get; }

    internal GroupCoordinator Groups { get; }

    internal TransactionCoordinator Transactions { get; }

    internal IEnumerable<Broker> Brokers => brokers.Values;

    internal IEnumerable<Topic> Topics => topics.Values;

    /// <summary>Grows when a topic comes, goes or gets more partitions.</summary>
    internal int TopicsEpoch { get; private set; }

    /// <summary>How many topics were ever created.</summary>
    internal int TopicsCreated { get; private set; }

    /// <summary>The running broker of the lowest id, or -1.</summary>
    internal int ControllerId
    {
        get
        {
            foreach (var broker in brokers.Values)
            {
                if (broker.IsUp)
                    return broker.NodeId;
            }

            return -1;
        }
    }

    internal Broker? FindBroker(int nodeId) => brokers.GetValueOrDefault(nodeId);

    internal Topic? FindTopic(string name) => topics.GetValueOrDefault(name);

    internal Topic? FindTopic(Guid id) => topicsById.GetValueOrDefault(id);

    internal bool IsUp(int nodeId) => FindBroker(nodeId) is { IsUp: true };

    /// <summary>Whether a broker runs and can use its replica of a partition.</summary>
    internal bool CanServe(Partition partition, int nodeId) => FindBroker(nodeId) is { IsUp: true } broker && !broker.HasLost(partition);

    internal Broker AddBroker(int nodeId, string host, int port, string? rack = null)
    {
        var broker = new Broker(nodeId, host, port, rack);
        brokers.Add(nodeId, broker);
        OnChanged();
        Groups.Slots.OnBrokerAdded();
        Transactions.Slots.OnBrokerAdded();
        return broker;
    }

    /// <summary>Where a broker is reached, once its listener knows its port.</summary>
    internal void SetAddress(int nodeId, string host, int port)
    {
        var broker = brokers[nodeId];
        (broker.Host, broker.Port) = (host, port);
        OnChanged();
    }

    /// <summary>What the broker tells clients about the cluster: the truth, or what it was frozen at.</summary>
    internal MetadataView ViewOf(Broker broker) => broker.StaleView ?? CurrentView();

    /// <summary>Lets a broker go on telling what it knows now, until <see cref="ThawMetadata"/>.</summary>
    internal void FreezeMetadata(int nodeId) => brokers[nodeId].StaleView = CurrentView();

    internal void ThawMetadata(int nodeId) => brokers[nodeId].StaleView = null;

    /// <summary>A new producer id; ids are never given twice.</summary>
    internal long NextProducerId() => ++lastProducerId;

    internal long WallClock(long nowMs) => nowMs + Settings.WallClockOffsetMs;

    /// <summary>An id for a topic or a member.</summary>
    internal Guid NewId() => random.NextGuid();

    /// <summary>Stops a broker at once, as kill -9 does: its connections close and others take over what it led.</summary>
    internal void StopBroker(int nodeId, long nowMs)
    {
        var broker = brokers[nodeId];
        if (!broker.IsUp)
            return;
        broker.IsUp = false;
        broker.StaleView = null;
        Sessions.RemoveAllOf(nodeId);
        ShareSessions.RemoveAllOf(nodeId);
        BrokerStopped?.Invoke(broker);
        foreach (var partition in AllPartitions())
            OnReplicaLost(partition, nodeId, nowMs);
        OnChanged();
        Groups.Slots.OnBrokersChanged(nowMs);
        Transactions.Slots.OnBrokersChanged(nowMs);
    }

    /// <summary>Starts a broker again. It joins the replicas in sync at once and leads what nobody leads.</summary>
    internal void StartBroker(int nodeId, long nowMs)
    {
        var broker = brokers[nodeId];
        if (broker.IsUp)
            return;
        (broker.IsUp, broker.IsRegistered) = (true, true);
        broker.Starts++;
        foreach (var partition in AllPartitions())
            partition.Unstick(nodeId);
        RejoinReplicas(nodeId, nowMs);
        Groups.Slots.OnBrokersChanged(nowMs);
        Transactions.Slots.OnBrokersChanged(nowMs);
    }

    /// <summary>
    /// Makes a replica in sync the leader. What was not yet on all replicas may be cut: the new leader had some of it, all or
    /// nothing, as chance will have it.
    /// </summary>
    internal ErrorCode MoveLeader(string topic, int index, int nodeId, long nowMs)
    {
        if (FindTopic(topic)?.Find(index) is not { } partition)
            return ErrorCode.UnknownTopicOrPartition;
        if (!CanServe(partition, nodeId) || !partition.InSync.Contains(nodeId))
            return ErrorCode.EligibleLeadersNotAvailable;
        if (partition.Leader != nodeId)
            ChangeLeader(partition, nodeId, nowMs);
        OnChanged();
        return ErrorCode.None;
    }

    MetadataView CurrentView() => currentView ??= new MetadataView(Brokers, ControllerId, Topics);

    void OnChanged() => currentView = null;

    Partition[] AllPartitions() => [.. topics.Values.SelectMany(topic => topic.Partitions)];
}
