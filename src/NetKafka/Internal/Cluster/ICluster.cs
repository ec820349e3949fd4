using NetKafka.Internal.Connections;

namespace NetKafka.Internal.Cluster;

/// <summary>
/// The cluster as producers, consumers and admin machines see it: what is known of it, and the way to its brokers. Called
/// inside a turn only.
/// </summary>
interface ICluster
{
    /// <summary>What is known now.</summary>
    ClusterView View { get; }

    /// <summary>Why the cluster could not be asked of late; null while it can. An address may take longer to fail than a caller waits.</summary>
    RequestFailure? LastFailure { get; }

    /// <summary>
    /// Sends a request. A target that is not known yet is found out first, until the request's deadline. Exactly one outcome
    /// is reported to the request, never from inside this call. Trying again is the sender's matter.
    /// </summary>
    void Send(BrokerRequest request, RequestTarget target, LaneKey lane);

    /// <summary>
    /// Keeps a topic in the view from now on: its metadata is asked for at once if it is not known. Each watch wants one
    /// <see cref="Unwatch"/>.
    /// </summary>
    void Watch(string topic);

    void Unwatch(string topic);

    /// <summary>Keeps all topics of the cluster in the view (subscriptions by pattern). Each call wants one with false.</summary>
    void WatchAll(bool watch);

    /// <summary>
    /// Asks for new metadata as soon as the backoff allows, since something showed that the view is old. With
    /// <paramref name="seenGeneration"/> older than the view, nothing is done: a stale failure must not drop a fresh view.
    /// </summary>
    void Refresh(long seenGeneration);

    /// <summary>
    /// Tells which leader a response named (KIP-951), and of which topic by its id, as far as that is known. Older epochs are ignored, and
    /// so is what concerns a topic that has been created anew since: its epochs begin anew too.
    /// </summary>
    void LearnLeader(string topic, Guid topicId, int partition, int leaderId, int leaderEpoch);

    /// <summary>Tells where a broker listens, as a response named it (KIP-951).</summary>
    void LearnBroker(int nodeId, string host, int port, string? rack);

    /// <summary>The node that coordinates a key, or −1 while unknown. Does not start a look-up.</summary>
    int CoordinatorOf(CoordinatorKey key);

    /// <summary>Drops a coordinator that no longer is one, unless another node has taken its place already.</summary>
    void ForgetCoordinator(CoordinatorKey key, int nodeId);

    /// <summary>Tells a listener of every new view, inside the turn.</summary>
    void Subscribe(IClusterListener listener);

    void Unsubscribe(IClusterListener listener);

    /// <summary>Closes the lane of an owner that is gone, at every broker, once what is under way on it has ended.</summary>
    void CloseLane(LaneKey lane);

    /// <summary>
    /// Says whether the connection of a lane to a broker is needed though nothing goes over it, since its end would cost the owner something: such a
    /// one is not closed as idle. Says nothing of one that is not there.
    /// </summary>
    void Need(int nodeId, LaneKey lane, bool isNeeded);

    /// <summary>The level that the cluster has finalized of a feature (KIP-584), as the broker with the newest word says; 0 for none.</summary>
    short FinalizedLevel(string feature);

    /// <summary>The newest version of an API that both sides speak at a connected broker, or −1 while unknown.</summary>
    short VersionAt(int nodeId, NetKafka.Protocol.ApiKey api);
}
