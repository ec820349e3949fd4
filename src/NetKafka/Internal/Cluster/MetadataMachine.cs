using Microsoft.Extensions.Logging;
using NetKafka.Diagnostics;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Cluster;

/// <summary>
/// Keeps the view of the cluster true: asks for topics when somebody needs them, again when something showed that the view
/// is old, and every so often. One request is under way at a time; a failed or unfinished answer is followed by a pause. Where no broker
/// answers for long, or one says that the client looks in the wrong place, the brokers that are known count for nothing any more, and the
/// bootstrap list is where it begins again (KIP-899, KIP-1102).
/// </summary>
sealed class MetadataMachine : Machine
{
    readonly ICluster _cluster;
    readonly TimeSpan _requestTimeout;
    readonly TimeSpan _maxAge;
    readonly Backoff _backoff;
    readonly TimeSpan _rebootstrapAfter;
    readonly RandomSource _random;
    readonly bool _isOfControllers;
    readonly Action<ClusterView> _onView;
    readonly SortedDictionary<string, int> _watched = new(StringComparer.Ordinal);

    int _watchAll;
    bool _asksAll;
    bool _isAsking;
    bool _isWanted;
    bool _askedForLess;
    int _failures;
    Instant _notBefore = Instant.Start;
    Instant _refreshAt = Instant.Never;
    Instant _unansweredSince = Instant.Never;
    Action<ILogger>? _line;

    public MetadataMachine(
        ICluster cluster, TimeSpan requestTimeout, TimeSpan maxAge, Backoff backoff, TimeSpan rebootstrapAfter, RandomSource random,
        Action<ClusterView> onView, bool isOfControllers = false)
    {
        (_cluster, _requestTimeout, _maxAge, _backoff, _random, _onView) = (cluster, requestTimeout, maxAge, backoff, random, onView);
        (_rebootstrapAfter, _isOfControllers) = (rebootstrapAfter, isOfControllers);
    }

    public ClusterView View { get; private set; } = ClusterView.Empty;

    /// <summary>The failure of the newest request, while none has succeeded since; for messages of calls that ran out of time.</summary>
    public RequestFailure? LastFailure { get; private set; }

    public void Watch(string topic)
    {
        var count = _watched.GetValueOrDefault(topic);
        _watched[topic] = count + 1;
        if (count == 0 && !View.Topics.ContainsKey(topic))
            AskForMore();
    }

    public void Unwatch(string topic)
    {
        var count = _watched.GetValueOrDefault(topic);
        if (count > 1)
            _watched[topic] = count - 1;
        else
            _watched.Remove(topic);
    }

    public void WatchAll(bool watch)
    {
        _watchAll += watch ? 1 : -1;
        if (watch && _watchAll == 1)
            AskForMore();
    }

    public void Refresh(long seenGeneration)
    {
        if (seenGeneration < View.Generation)
            return;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RefreshIsForgotten))
            return;
#endif
        _isWanted = true;
        Wake();
    }

    public void LearnLeader(string topic, Guid topicId, int partition, int leaderId, int leaderEpoch)
    {
        if (ViewMerge.WithLeader(View, topic, topicId, partition, leaderId, leaderEpoch) is { } newer)
            Take(newer);
    }

    public void LearnBroker(int nodeId, string host, int port, string? rack)
    {
        if (ViewMerge.WithBroker(View, new BrokerView(nodeId, host, port, rack)) is { } newer)
            Take(newer);
    }

    /// <summary>Forgets the brokers, so that the bootstrap list counts; what is known of topics stays until an answer says otherwise.</summary>
    public void Rebootstrap()
    {
        if (_rebootstrapAfter == Timeout.InfiniteTimeSpan)
            return;
        _isWanted = true;
        _unansweredSince = Instant.Never;
        if (View.Brokers.Count > 0)
        {
            var forgotten = View.Brokers.Count;
            _line = logger => ClientLog.Rebootstrapping(logger, forgotten);
            Take(ViewMerge.WithoutBrokers(View));
        }
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        if (LostAt() <= now)
            Rebootstrap();
        if (_line is { } line)
        {
            _line = null;
            effects.Log(line);
        }
        var next = Ask(now);
        return Instant.Earlier(LostAt(), next);
    }

    /// <summary>When the brokers that are known have answered nothing for too long.</summary>
    Instant LostAt() => _unansweredSince == Instant.Never || _rebootstrapAfter == Timeout.InfiniteTimeSpan || View.Brokers.Count == 0
        ? Instant.Never
        : _unansweredSince + _rebootstrapAfter;

    Instant Ask(Instant now)
    {
        if (_isAsking)
            return Instant.Never;
        var due = _isWanted ? _notBefore : Instant.Later(_notBefore, _refreshAt);
        if (due > now)
            return due;
        (_isAsking, _isWanted, _askedForLess) = (true, false, false);
        _unansweredSince = Instant.Earlier(_unansweredSince, now);
        var isAll = _asksAll = AsksAll();
        var request = new MetadataRequest { Topics = isAll ? null : TopicsToAskFor() };
        _cluster.Send(
            _isOfControllers
                ? ControllerMetadata.Ask(_requestTimeout, outcome => OnOutcome(outcome, isAll))
                : new Exchange<MetadataRequest, MetadataResponse>(request, outcome => OnOutcome(outcome, isAll)) { MinVersion = 1, Timeout = _requestTimeout },
            RequestTarget.AnyBroker, LaneKey.Control);
        return Instant.Never;
    }

    /// <summary>Whoever asks for all topics has none created; those that are missing are asked for by name in turn.</summary>
    bool AsksAll() => _watchAll > 0 && !(_asksAll && _watched.Keys.Any(IsMissing));

    bool IsMissing(string topic) => !View.Topics.TryGetValue(topic, out var known) || known.Error == ErrorCode.UnknownTopicOrPartition;

    MetadataRequest.MetadataRequestTopic[] TopicsToAskFor() =>
        [.. _watched.Keys.Select(topic => new MetadataRequest.MetadataRequestTopic { Name = topic })];

    void AskForMore()
    {
        // A request under way does not name the new topic: it is followed by another at once.
        (_isWanted, _askedForLess) = (true, _isAsking);
        // Only a cluster that does not answer is spared; a topic that is missing must not slow down the others.
        if (LastFailure is null)
            _notBefore = Instant.Start;
        Wake();
    }

    void OnOutcome(Outcome<MetadataResponse> outcome, bool isAll)
    {
        _isAsking = false;
        Wake();
        if (!outcome.HasResponse || outcome.Response.ErrorCode != ErrorCode.None)
        {
            LastFailure = outcome.Failure;
            Pause(outcome.Now);
            if (outcome is { HasResponse: true, Response.ErrorCode: ErrorCode.RebootstrapRequired })
                Rebootstrap();
            return;
        }
        LastFailure = null;
        _unansweredSince = Instant.Never;
        _refreshAt = outcome.Now + _maxAge;
        var view = ViewMerge.WithAnswer(View, outcome.Response, _watched.Keys, isAll);
        if (ViewMerge.IsUnfinished(view, _watched.Keys) || (_watchAll > 0 && !isAll))
        {
            Pause(outcome.Now);
        }
        else
        {
            _failures = 0;
            // What shows next that the view is old may ask again, but not in a tight circle.
            _notBefore = _askedForLess ? Instant.Start : outcome.Now + _backoff.After(1, _random);
        }
        Take(view);
    }

    void Pause(Instant now)
    {
        _failures++;
        _isWanted = true;
        _notBefore = _askedForLess ? Instant.Start : now + _backoff.After(_failures, _random);
    }

    void Take(ClusterView view)
    {
        View = view;
        _onView(view);
    }
}
