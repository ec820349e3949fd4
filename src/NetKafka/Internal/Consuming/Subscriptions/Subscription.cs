using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Subscriptions;

/// <summary>
/// What a consumer subscribes to, and which topics that are at present: those that were named, and those of the cluster that its pattern
/// matches. What the broker matches (KIP-848) the broker alone knows.
/// </summary>
sealed class Subscription(ICluster cluster)
{
    readonly SortedSet<string> _named = new(StringComparer.Ordinal);
    readonly SortedSet<string> _watched = new(StringComparer.Ordinal);

    // Of topics that the newest answer did not have: what it said of them.
    readonly SortedDictionary<string, TopicView?> _missing = new(StringComparer.Ordinal);
    TopicMatcher? _matcher;
    bool _isMatched;

    /// <summary>The topics, in order.</summary>
    public string[] Topics { get; private set; } = [];

    /// <summary>A regular expression of RE2 that the coordinator evaluates; null for none.</summary>
    public string? BrokerPattern { get; private set; }

    /// <summary>Whether what is read may come to be by a topic that is only created.</summary>
    public bool HasPattern => _matcher is not null || BrokerPattern is not null;

    /// <summary>Whether anything is subscribed to.</summary>
    public bool IsEmpty => _named.Count == 0 && !HasPattern;

    /// <summary>Whether a member can say what it subscribes to. What it subscribed to before counts until a pattern has met the topics of the cluster.</summary>
    public bool IsKnown => _matcher is null || _isMatched || Topics.Length > 0;

    /// <summary>Subscribes to this and to nothing else from now on.</summary>
    public void Set(TopicSubscription wanted)
    {
        var matcher = wanted.Pattern is null ? null : new TopicMatcher(wanted);
        if ((matcher is null) != (_matcher is null))
            cluster.WatchAll(matcher is not null);
        (_matcher, _isMatched, BrokerPattern) = (matcher, false, wanted.BrokerPattern);
        _missing.Clear();
        _named.Clear();
        _named.UnionWith(wanted.Topics);
        if (matcher is null)
            Take(_named);
        else
            Update(cluster.View);
    }

    /// <summary>The cluster has changed.</summary>
    /// <returns>Whether other topics are subscribed to now.</returns>
    public bool Update(ClusterView view)
    {
        if (_matcher is not { } matcher || !view.HasAllTopics)
            return false;
        var topics = new SortedSet<string>(_named, StringComparer.Ordinal);
        foreach (var topic in view.Topics.Values)
        {
            if (IsThere(topic) && matcher.Matches(topic))
                topics.Add(topic.Name);
        }
        if (_isMatched)
            Keep(topics, view);
        foreach (var back in _missing.Keys.Where(topic => !topics.Contains(topic) || IsThere(view.Topics.GetValueOrDefault(topic))).ToList())
            _missing.Remove(back);
        var isNews = !_isMatched || !topics.SetEquals(Topics);
        _isMatched = true;
        if (isNews)
            Take(topics);
        return isNews;
    }

    void Keep(SortedSet<string> topics, ClusterView view)
    {
        foreach (var gone in Topics.Where(topic => !topics.Contains(topic)).ToList())
        {
            if (!IsMissedTwice(gone, view.Topics.GetValueOrDefault(gone)))
                topics.Add(gone);
        }
    }

    /// <summary>A broker that lags behind does not know a new topic: only the second answer without it counts.</summary>
    bool IsMissedTwice(string topic, TopicView? row)
    {
        if (_missing.TryGetValue(topic, out var before))
            return !ReferenceEquals(before, row);
        _missing[topic] = row;
        cluster.Refresh(cluster.View.Generation);
        return false;
    }

    static bool IsThere(TopicView? topic) => topic is not null && topic.Error != ErrorCode.UnknownTopicOrPartition;

    void Take(SortedSet<string> topics)
    {
        foreach (var topic in topics.Except(_watched).ToList())
            cluster.Watch(topic);
        foreach (var topic in _watched.Except(topics).ToList())
            cluster.Unwatch(topic);
        _watched.Clear();
        _watched.UnionWith(topics);
        Topics = [.. topics];
    }
}
