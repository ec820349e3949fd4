using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Network;
using NetKafka.Simulation.Tests.Runs;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>Faults of the cluster itself: brokers, leaders, coordinators, topics and their logs.</summary>
/// <param name="scheduler">The clock.</param>
/// <param name="targets">What they strike.</param>
/// <param name="strike">Told of a fault that has struck, and where.</param>
/// <param name="after">Ends one when its time is over.</param>
sealed class ClusterFaults(
    SimScheduler scheduler, FaultTargets targets, Action<PlannedFault, string> strike, Action<PlannedFault, Action> after)
{
    const int MaxThrottleMs = 500;
    const int MaxPartitions = 8;

    delegate void Beginning(ClusterFaults self, PlannedFault fault, ClusterState cluster);

    static readonly Dictionary<FaultKind, Beginning> Kinds = new()
    {
        [FaultKind.LeaderMove] = static (self, fault, cluster) => self.MoveLeader(fault, cluster),
        [FaultKind.CoordinatorMove] = static (self, fault, cluster) => self.MoveCoordinator(fault, cluster),
        [FaultKind.PartitionAdded] = static (self, fault, cluster) => self.AddPartition(fault, cluster),
        [FaultKind.TopicRecreated] = static (self, fault, cluster) => self.RecreateTopic(fault, cluster),
        [FaultKind.UncleanElection] = static (self, fault, cluster) => self.ElectUncleanly(fault, cluster),
        [FaultKind.RecordsDeleted] = static (self, fault, cluster) => self.DeleteRecords(fault, cluster),
        [FaultKind.Compacted] = static (self, fault, cluster) => self.Compact(fault, cluster),
        [FaultKind.VersionsChange] = static (self, fault, cluster) => self.ChangeVersions(fault, cluster),
        [FaultKind.FeatureChange] = static (self, fault, cluster) => self.ChangeFeature(fault, cluster),
        [FaultKind.AllDown] = static (self, fault, cluster) => self.StopAll(fault, cluster),
        [FaultKind.BrokerDown] = static (self, fault, cluster) => self.For(
            fault, cluster, static (one, node, now) => one.StopBroker(node, now), static (one, node, now) => one.StartBroker(node, now)),
        [FaultKind.ReplicasBehind] = static (self, fault, cluster) => self.For(
            fault, cluster, static (one, node, now) => one.CutReplicas(node, now), static (one, node, now) => one.RejoinReplicas(node, now)),
        [FaultKind.LogDirFailed] = static (self, fault, cluster) => self.For(
            fault, cluster, (one, node, now) => one.FailLogDir(node, fault.HowMuch % Broker.LogDirs, now), static (one, node, now) => one.MendLogDir(node, now)),
        [FaultKind.AddressChange] = static (self, fault, cluster) => self.For(
            fault, cluster, static (one, node, _) => one.SetAddress(node, SimNetwork.HostOf(node) + "-moved", SimNetwork.Port), Return),
        [FaultKind.FollowersTrimmed] = static (self, fault, cluster) => self.TrimFollowers(fault, cluster),
        [FaultKind.FollowerStuck] = static (self, fault, cluster) => self.StickFollower(fault, cluster),
        [FaultKind.SwappedAddresses] = static (self, fault, cluster) => self.SwapAddresses(fault, cluster),
        [FaultKind.StaleMetadata] = static (self, fault, cluster) => self.For(
            fault, cluster, static (one, node, _) => one.FreezeMetadata(node), static (one, node, _) => one.ThawMetadata(node)),
        [FaultKind.Throttle] = static (self, fault, cluster) => self.For(
            fault, cluster, (one, node, _) => one.FindBroker(node)!.ThrottleMs = 1 + fault.HowMuch % MaxThrottleMs, GoOn),
    };

    /// <summary>Whether a kind is one of these.</summary>
    public static bool Knows(FaultKind kind) => Kinds.ContainsKey(kind);

    /// <summary>Mends everything.</summary>
    public static void Heal(ClusterState cluster, long nowMs)
    {
        StartAll(cluster, nowMs);
        foreach (var broker in cluster.Brokers)
        {
            cluster.MendLogDir(broker.NodeId, nowMs);
            cluster.ThawMetadata(broker.NodeId);
            Return(cluster, broker.NodeId, nowMs);
            GoOn(cluster, broker.NodeId, nowMs);
        }
    }

    public void Begin(PlannedFault fault) =>
        targets.Network.Operate(machine => machine.Operate(scheduler.NowMs, cluster => Kinds[fault.Kind](this, fault, cluster)));

    static void StartAll(ClusterState cluster, long nowMs)
    {
        foreach (var broker in cluster.Brokers)
            cluster.StartBroker(broker.NodeId, nowMs);
    }

    static void Return(ClusterState cluster, int node, long nowMs) => cluster.SetAddress(node, SimNetwork.HostOf(node), SimNetwork.Port);

    static void GoOn(ClusterState cluster, int node, long nowMs) => cluster.FindBroker(node)!.ThrottleMs = 0;

    static Partition? PartitionOf(int number, ClusterState cluster)
    {
        var partitions = cluster.Topics.SelectMany(topic => topic.Partitions).ToArray();
        return partitions.Length == 0 ? null : partitions[number % partitions.Length];
    }

    int NodeOf(PlannedFault fault) => 1 + fault.Where % targets.Network.Links.Count;

    /// <summary>Something happens to one broker, and ends.</summary>
    void For(PlannedFault fault, ClusterState cluster, Action<ClusterState, int, long> begin, Action<ClusterState, int, long> end)
    {
        var node = NodeOf(fault);
        strike(fault, $"node {node}");
        begin(cluster, node, scheduler.NowMs);
        After(fault, healthy => end(healthy, node, scheduler.NowMs));
    }

    void After(PlannedFault fault, Action<ClusterState> end) => after(fault, () =>
    {
        scheduler.Story?.Add(scheduler.Now, $"fault {fault} ends");
        targets.Network.Operate(machine => machine.Operate(scheduler.NowMs, end));
    });

    void SwapAddresses(PlannedFault fault, ClusterState cluster)
    {
        var (one, other) = (NodeOf(fault), 1 + (fault.Where + 1) % targets.Network.Links.Count);
        strike(fault, $"nodes {one} and {other}");
        cluster.SetAddress(one, SimNetwork.HostOf(other), SimNetwork.Port);
        cluster.SetAddress(other, SimNetwork.HostOf(one), SimNetwork.Port);
        targets.Network.AbandonMoved();
        After(fault, healthy =>
        {
            Return(healthy, one, scheduler.NowMs);
            Return(healthy, other, scheduler.NowMs);
            targets.Network.AbandonMoved();
        });
    }

    void StopAll(PlannedFault fault, ClusterState cluster)
    {
        strike(fault, "");
        foreach (var broker in cluster.Brokers)
            cluster.StopBroker(broker.NodeId, scheduler.NowMs);
        After(fault, healthy => StartAll(healthy, scheduler.NowMs));
    }

    void MoveLeader(PlannedFault fault, ClusterState cluster)
    {
        if (PartitionOf(fault.HowMuch, cluster) is not { } partition)
            return;
        var (node, before) = (NodeOf(fault), partition.Leader);
        if (cluster.MoveLeader(partition.Topic.Name, partition.Index, node, scheduler.NowMs) == ErrorCode.None && before != node)
            strike(fault, $"{partition.Topic.Name}-{partition.Index} from {before} to {node}, epoch {partition.LeaderEpoch}");
    }

    void MoveCoordinator(PlannedFault fault, ClusterState cluster)
    {
        var groups = cluster.Groups.Groups.ToArray();
        var ids = cluster.Transactions.Ids.ToArray();
        if (groups.Length + ids.Length == 0)
            return;
        var (node, number) = (NodeOf(fault), fault.HowMuch % (groups.Length + ids.Length));
        if (number >= groups.Length)
        {
            var id = ids[number - groups.Length];
            if (cluster.Transactions.Slots.CoordinatorOf(id) != node && cluster.Transactions.Slots.Move(id, node, scheduler.NowMs) == ErrorCode.None)
                strike(fault, $"transactional id {id} to node {node}");
            return;
        }
        var group = groups[number].GroupId;
        if (cluster.Groups.CoordinatorOf(group) != node && cluster.Groups.Move(group, node, scheduler.NowMs) == ErrorCode.None)
            strike(fault, $"group {group} to node {node}");
    }

    void AddPartition(PlannedFault fault, ClusterState cluster)
    {
        var topics = cluster.Topics.ToArray();
        if (topics.Length == 0)
            return;
        var grown = topics[fault.HowMuch % topics.Length];
        // Brokers that are down get no replica, and a partition keeps the replicas it began with.
        if (grown.Partitions.Count < MaxPartitions && cluster.Brokers.All(broker => broker.IsUp)
            && cluster.AddPartitions(grown.Name, grown.Partitions.Count + 1, null, validateOnly: false).Error == ErrorCode.None)
            strike(fault, $"{grown.Name}, {grown.Partitions.Count} in all");
    }

    void RecreateTopic(PlannedFault fault, ClusterState cluster)
    {
        if (targets.Surgery.Recreate(cluster, fault.Where, fault.HowMuch, scheduler.NowMs) is { } anew)
            strike(fault, $"{anew.Name} as {anew.Id}");
    }

    void DeleteRecords(PlannedFault fault, ClusterState cluster)
    {
        if (PartitionOf(fault.Where, cluster) is { } partition && targets.Surgery.Delete(partition, fault.HowMuch, scheduler.NowMs) is >= 0 and var start)
            strike(fault, $"{partition.Topic.Name}-{partition.Index} begins at {start}");
    }

    void TrimFollowers(PlannedFault fault, ClusterState cluster)
    {
        if (PartitionOf(fault.Where, cluster) is not { } partition || partition.FollowersHighWatermark <= partition.Log.StartOffset)
            return;
        var start = partition.Log.StartOffset + 1 + fault.HowMuch % (partition.FollowersHighWatermark - partition.Log.StartOffset);
        strike(fault, $"{partition.Topic.Name}-{partition.Index} begins at {start} on the followers of {partition.Leader}");
        ClusterState.TrimFollowers(partition, start, scheduler.NowMs);
    }

    /// <summary>One alone: with the others in sync all is acknowledged that has to be.</summary>
    void StickFollower(PlannedFault fault, ClusterState cluster)
    {
        var node = NodeOf(fault);
        if (!cluster.IsUp(node) || cluster.Topics.Any(topic => topic.Partitions.Any(partition => partition.Replicas.Any(partition.IsStuck))))
            return;
        strike(fault, $"node {node}");
        cluster.StickReplicas(node, scheduler.NowMs);
    }

    void ElectUncleanly(PlannedFault fault, ClusterState cluster)
    {
        if (PartitionOf(fault.HowMuch, cluster) is { } partition
            && targets.Surgery.ElectUncleanly(cluster, partition, NodeOf(fault), fault.HowMuch / 8, scheduler.NowMs) is >= 0 and var end)
            strike(fault, $"{partition.Topic.Name}-{partition.Index} ends at {end}, led by {partition.Leader} under epoch {partition.LeaderEpoch}");
    }

    void Compact(PlannedFault fault, ClusterState cluster)
    {
        if (PartitionOf(fault.Where, cluster) is { } partition && targets.Surgery.Compact(partition, fault.HowMuch) is > 0 and var gone)
            strike(fault, $"{partition.Topic.Name}-{partition.Index} without {gone} records");
    }

    /// <summary>Brokers that are too old for version 2 do not finalize it.</summary>
    void ChangeFeature(PlannedFault fault, ClusterState cluster)
    {
        var settings = cluster.Settings;
        var level = (short)((settings.TransactionVersion + 1 + fault.HowMuch % 2) % 3);
        if (level == 2 && !OldVersions.KnowTransactions2(settings.ApiVersionLimits))
            return;
        strike(fault, $"transaction.version {level}");
        settings.TransactionVersion = level;
        settings.FeaturesEpoch++;
    }

    /// <summary>Each broker goes down and comes back at once, so that no connection has known both ages.</summary>
    void ChangeVersions(PlannedFault fault, ClusterState cluster)
    {
        strike(fault, "");
        var limits = cluster.Settings.ApiVersionLimits;
        limits.Clear();
        OldVersions.Draw(new RandomSource((ulong)fault.HowMuch), limits);
        OldVersions.KeepStaticMembers(limits);
        OldVersions.KeepWhatIsNeeded(limits, targets.Meets);
        if (targets.CommitsByName)
            OldVersions.CommitByName(limits);
        if (targets.NeedsTransactions)
        {
            OldVersions.KeepReturningLeaders(limits);
            OldVersions.KeepTransactions(limits, cluster.Settings.TransactionVersion);
        }
        if (targets.NeedsConsumerProtocol)
            OldVersions.KeepConsumerProtocol(limits);
        foreach (var broker in cluster.Brokers.Where(static broker => broker.IsUp).ToArray())
        {
            cluster.StopBroker(broker.NodeId, scheduler.NowMs);
            cluster.StartBroker(broker.NodeId, scheduler.NowMs);
        }
    }
}
