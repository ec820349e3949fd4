using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <content>Elections that are asked for, and replicas that move to other brokers.</content>
sealed partial class ClusterState
{
    const int HeartbeatMs = 50;

    /// <summary>Whether the controller knows of a broker, be it up or not.</summary>
    internal bool IsRegistered(int nodeId) => FindBroker(nodeId) is { IsRegistered: true };

    /// <summary>Lets the first replica lead, or of a partition without a leader any that is up.</summary>
    internal (ErrorCode Error, string? Message) Elect(string topic, int index, bool isUnclean, long nowMs)
    {
        if (FindTopic(topic) is not { } found)
            return (ErrorCode.UnknownTopicOrPartition, $"No such topic as {topic}");
        if (found.Find(index) is not { } partition)
            return (ErrorCode.UnknownTopicOrPartition, $"No such partition as {topic}-{index}");
        if (isUnclean ? partition.Leader >= 0 : partition.Leader == partition.Replicas[0])
            return (ErrorCode.ElectionNotNeeded, "Leader election not needed for topic partition.");
        var elected = isUnclean
            ? Array.Find(partition.Replicas, node => CanServe(partition, node))
            : partition.Replicas[0];
        if (!CanServe(partition, elected) || !(isUnclean || partition.InSync.Contains(elected)))
            return (isUnclean ? ErrorCode.EligibleLeadersNotAvailable : ErrorCode.PreferredLeaderNotAvailable, null);
        if (partition.InSync.Contains(elected))
            ChangeLeader(partition, elected, nowMs);
        else
            ElectFromOutside(partition, elected, nowMs);
        OnChanged();
        return (ErrorCode.None, null);
    }

    /// <summary>Moves a partition to other brokers: at once where those that come are up, else when they are.</summary>
    internal (ErrorCode Error, string? Message) Reassign(Partition partition, int[] target, bool allowsFactorChange, long nowMs)
    {
        if (MistakeIn(target) is { } mistake)
            return (ErrorCode.InvalidReplicaAssignment, mistake);
        var factor = partition.Replicas.Except(partition.Removing).Count();
        if (!allowsFactorChange && factor != target.Length)
            return (ErrorCode.InvalidReplicationFactor, $"The replication factor is changed from {factor} to {target.Length}");
        var going = partition.Replicas.Except(target).ToArray();
        partition.Assign([.. target, .. going], [.. target.Except(partition.Replicas)], going);
        if (partition.Leader >= 0)
        {
            foreach (var node in partition.Adding.Where(node => CanServe(partition, node)))
                partition.CatchUp(node);
            partition.SortInSync();
        }
        FinishReassignment(partition, nowMs);
        OnChanged();
        return (ErrorCode.None, null);
    }

    /// <summary>Takes a move back.</summary>
    internal (ErrorCode Error, string? Message) CancelReassignment(Partition partition, long nowMs)
    {
        if (!partition.IsReassigned)
            return (ErrorCode.NoReassignmentInProgress, null);
        if (!partition.InSync.Except(partition.Adding).Any())
        {
            return (
                ErrorCode.InvalidReplicaAssignment,
                $"Unable to revert partition assignment for {partition.Topic.Name}:{partition.Index} because it would require an unclean leader election.");
        }

        partition.Assign([.. partition.Replicas.Except(partition.Adding)], [], []);
        LeadByReplica(partition, nowMs);
        OnChanged();
        return (ErrorCode.None, null);
    }

    /// <summary>Takes the registration of a broker. One that runs ends when it next tells the controller that it is there.</summary>
    internal (ErrorCode Error, string? Message) Unregister(int nodeId, long nowMs)
    {
        if (!IsRegistered(nodeId))
            return (ErrorCode.BrokerIdNotRegistered, $"Broker ID {nodeId} is not currently registered");
        brokers[nodeId].IsRegistered = false;
        Timers.Schedule(nowMs + HeartbeatMs, now =>
        {
            if (!IsRegistered(nodeId))
                StopBroker(nodeId, now);
        });
        return (ErrorCode.None, null);
    }

    string? MistakeIn(int[] replicas)
    {
        if (replicas.Length == 0)
            return "The manual partition assignment includes an empty replica list.";
        foreach (var node in replicas.Order())
        {
            if (!IsRegistered(node))
                return $"The manual partition assignment includes broker {node}, but no such broker is registered.";
            if (replicas.Count(other => other == node) > 1)
                return $"The manual partition assignment includes the broker {node} more than once.";
        }

        return null;
    }

    /// <summary>All that come are in sync, and one of those that stay: those that go are gone.</summary>
    void FinishReassignment(Partition partition, long nowMs)
    {
        if (!partition.IsReassigned || partition.Adding.Except(partition.InSync).Any() || !partition.InSync.Except(partition.Removing).Any())
            return;
        partition.Assign([.. partition.Replicas.Except(partition.Removing)], [], []);
        LeadByReplica(partition, nowMs);
    }

    /// <summary>The leader is none of the replicas any more: another one leads.</summary>
    void LeadByReplica(Partition partition, long nowMs)
    {
        if (partition.Leader >= 0 && !partition.Replicas.Contains(partition.Leader))
            ChangeLeader(partition, partition.InSync.Find(node => CanServe(partition, node), Partition.NoLeader), nowMs);
        else
            NotifyWaiters(partition, nowMs);
    }

    /// <summary>A replica that was out of sync leads, with what it has; those that had more are behind it now.</summary>
    void ElectFromOutside(Partition partition, int nodeId, long nowMs)
    {
        var had = partition.EndOffsetAt(nodeId);
        partition.InSync.Clear();
        partition.CatchUp(nodeId);
        ElectUncleanly(partition, nodeId, had, nowMs);
        foreach (var other in partition.Replicas.Where(other => other != nodeId))
        {
            partition.FallBehind(other);
            OnReplicaBack(partition, other, nowMs);
        }
    }
}
