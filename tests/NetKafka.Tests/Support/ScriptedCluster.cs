using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Tests.Support;

/// <summary>
/// A cluster that keeps the requests it is given and answers when the test says so, for machines by hand-made time. Bodies
/// go through the generated codec in the newest version that the request allows, as on a wire.
/// </summary>
sealed class ScriptedCluster : ICluster
{
    readonly List<IClusterListener> _listeners = [];

    public List<SentRequest> Sent { get; } = [];

    public List<string> Watched { get; } = [];

    public List<CoordinatorKey> Forgotten { get; } = [];

    public int Refreshes { get; private set; }

    public ClusterView View { get; private set; } = ClusterView.Empty;

    public RequestFailure? LastFailure { get; set; }

    /// <summary>The newest version that brokers speak.</summary>
    public short MaxVersion { get; set; } = short.MaxValue;

    /// <summary>What happens on another thread while a request is given to its connection.</summary>
    public Action? OnSending { get; set; }

    public void Send(BrokerRequest request, RequestTarget target, LaneKey lane)
    {
        Sent.Add(new SentRequest(request, target, lane, MaxVersion));
        OnSending?.Invoke();
    }

    public void Watch(string topic) => Watched.Add(topic);

    public void Unwatch(string topic) => Watched.Remove(topic);

    public void WatchAll(bool watch) => WatchesAll = watch;

    /// <summary>Whether all topics are to be in the view.</summary>
    public bool WatchesAll { get; private set; }

    public void Refresh(long seenGeneration) => Refreshes++;

    public void LearnLeader(string topic, Guid topicId, int partition, int leaderId, int leaderEpoch)
    {
        if (ViewMerge.WithLeader(View, topic, topicId, partition, leaderId, leaderEpoch) is { } newer)
            Show(newer);
    }

    public void LearnBroker(int nodeId, string host, int port, string? rack)
    {
        if (ViewMerge.WithBroker(View, new BrokerView(nodeId, host, port, rack)) is { } newer)
            Show(newer);
    }

    public int CoordinatorOf(CoordinatorKey key) => 1;

    public void ForgetCoordinator(CoordinatorKey key, int nodeId) => Forgotten.Add(key);

    public void Subscribe(IClusterListener listener) => _listeners.Add(listener);

    public void Unsubscribe(IClusterListener listener) => _listeners.Remove(listener);

    public void CloseLane(LaneKey lane)
    {
    }

    /// <summary>The nodes whose connections are needed though nothing goes over them.</summary>
    public SortedSet<int> Needed { get; } = [];

    public void Need(int nodeId, LaneKey lane, bool isNeeded)
    {
        if (isNeeded)
            Needed.Add(nodeId);
        else
            Needed.Remove(nodeId);
    }

    /// <summary>The finalized level of transaction.version.</summary>
    public short Level { get; set; }

    public short FinalizedLevel(string feature) => feature == "transaction.version" ? Level : Features.GetValueOrDefault(feature);

    /// <summary>The levels of other features.</summary>
    public Dictionary<string, short> Features { get; } = [];

    public short VersionAt(int nodeId, ApiKey api) => MaxVersion;

    /// <summary>Makes a view the current one and tells the listeners.</summary>
    public void Show(ClusterView view)
    {
        View = view with { Generation = View.Generation + 1 };
        foreach (var listener in _listeners.ToArray())
            listener.OnClusterChanged(View);
    }

    /// <summary>Takes the oldest request that has not been taken yet.</summary>
    public SentRequest Take()
    {
        Assert.NotEmpty(Sent);
        var first = Sent[0];
        Sent.RemoveAt(0);
        return first;
    }
}
