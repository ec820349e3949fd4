using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>
/// The controllers of the cluster, which are its brokers: the one that <see cref="ClusterState.ControllerId"/> names is active. With kraft.version 1
/// they have votes that can be taken and given (KIP-853).
/// </summary>
sealed class ControllerQuorum(ClusterState cluster)
{
    internal const string Listener = "CONTROLLER";

    readonly SortedSet<int> withoutVote = [];
    readonly SortedSet<int> unregistered = [];

    internal IEnumerable<Broker> Voters => cluster.Brokers.Where(broker => !withoutVote.Contains(broker.NodeId));

    internal IEnumerable<Broker> Observers => cluster.Brokers.Where(broker => withoutVote.Contains(broker.NodeId));

    /// <summary>How many changes of the cluster there were that clients can see.</summary>
    internal long HighWatermark => cluster.TopicsEpoch + cluster.Settings.FeaturesEpoch;

    internal Guid DirectoryIdOf(Broker broker) => IsDynamic ? broker.MetadataDirectoryId : Guid.Empty;

    bool IsDynamic => cluster.Settings.KRaftVersion >= 1;

    internal (ErrorCode Error, string? Message) Add(int nodeId, Guid directoryId, bool hasListener)
    {
        if (!IsDynamic)
            return (ErrorCode.UnsupportedVersion, "Cluster doesn't support adding voter because the kraft.version feature is 0");
        if (!hasListener)
            return (ErrorCode.InvalidRequest, $"Add voter request didn't include the endpoint for the default listener {Listener}");
        if (Voters.Any(voter => voter.NodeId == nodeId))
            return (ErrorCode.DuplicateVoter, $"The voter id {nodeId} is already part of the set of voters.");
        // Who does not follow the metadata log never catches up with it.
        if (cluster.FindBroker(nodeId) is not { IsUp: true } broker || broker.MetadataDirectoryId != directoryId)
            return (ErrorCode.RequestTimedOut, $"New voter {nodeId} isn't caught up.");
        withoutVote.Remove(nodeId);
        return (ErrorCode.None, null);
    }

    /// <summary>Forgets a controller that is away (KIP-1312). One that is up makes itself known again.</summary>
    internal (ErrorCode Error, string? Message) Unregister(int nodeId)
    {
        unregistered.RemoveWhere(cluster.IsUp);
        if (cluster.FindBroker(nodeId) is null || unregistered.Contains(nodeId))
            return (ErrorCode.BrokerIdNotRegistered, $"Controller ID {nodeId} is not currently registered");
        unregistered.Add(nodeId);
        return (ErrorCode.None, null);
    }

    internal (ErrorCode Error, string? Message) Remove(int nodeId, Guid directoryId)
    {
        if (!IsDynamic)
            return (ErrorCode.UnsupportedVersion, "Cluster doesn't support removing voter because the kraft.version feature is 0");
        if (!Voters.Any(voter => voter.NodeId == nodeId && voter.MetadataDirectoryId == directoryId))
            return (ErrorCode.VoterNotFound, $"Cannot remove voter {nodeId} because it's not in the set of voters.");
        withoutVote.Add(nodeId);
        return (ErrorCode.None, null);
    }
}
