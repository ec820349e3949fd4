using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// The names of topics that a coordinator named by their ids: of topics that are watched anyway the view has them; of others, as those of a
/// regular expression or those that were created anew, a broker is asked.
/// </summary>
sealed class TopicIdNames(MemberContext context, Machine owner)
{
    // Before it a broker takes no id for a name.
    const short FirstVersionWithIds = 12;

    readonly SortedDictionary<Guid, string> _names = [];
    readonly SortedSet<Guid> _unknown = [];
    Instant _notBefore = Instant.Start;
    int _failures;
    int _attempt;
    bool _isUnderWay;

    /// <summary>Whether the name of something that is wanted is not known.</summary>
    public bool IsAsking => _unknown.Count > 0;

    /// <returns>The name; null if it is not known yet, and then it is asked for.</returns>
    public string? Find(Guid id)
    {
        if (_names.TryGetValue(id, out var name))
            return name;
        foreach (var topic in context.Cluster.View.Topics.Values)
        {
            if (topic.Id == id)
                return topic.Name;
        }
        _unknown.Add(id);
        return null;
    }

    /// <summary>Only these are wanted from now on.</summary>
    public void Keep(ICollection<Guid> ids)
    {
        _unknown.RemoveWhere(id => !ids.Contains(id));
        foreach (var id in _names.Keys.Where(id => !ids.Contains(id)).ToList())
            _names.Remove(id);
    }

    /// <summary>Nothing is wanted any more.</summary>
    public void Clear()
    {
        _names.Clear();
        _unknown.Clear();
        _attempt++;
        _isUnderWay = false;
    }

    /// <returns>When to look again.</returns>
    public Instant Poll(Instant now)
    {
        if (_isUnderWay || _unknown.Count == 0)
            return Instant.Never;
        if (_notBefore > now)
            return _notBefore;
        _isUnderWay = true;
        var attempt = _attempt;
        Guid[] asked = [.. _unknown];
        var request = new Exchange<MetadataRequest, MetadataResponse>(
            new MetadataRequest { Topics = [.. asked.Select(static id => new MetadataRequest.MetadataRequestTopic { TopicId = id, Name = null })] },
            outcome => OnOutcome(attempt, outcome))
        {
            MinVersion = FirstVersionWithIds, Timeout = context.RequestTimeout, Deadline = now + context.RequestTimeout, Owner = owner,
        };
        context.Cluster.Send(request, RequestTarget.AnyBroker, LaneKey.Control);
        return Instant.Never;
    }

    void OnOutcome(int attempt, Outcome<MetadataResponse> outcome)
    {
        if (attempt != _attempt)
            return;
        _isUnderWay = false;
        var found = 0;
        foreach (var topic in outcome.Response?.Topics ?? [])
        {
            if (topic.ErrorCode != ErrorCode.None || string.IsNullOrEmpty(topic.Name) || !_unknown.Remove(topic.TopicId))
                continue;
            _names[topic.TopicId] = topic.Name;
            found++;
        }
        // A topic that is only just there is not known to every broker; one that was deleted the coordinator will take back.
        _failures = found > 0 ? 0 : _failures + 1;
        _notBefore = outcome.Now + context.RetryBackoff.After(_failures, context.Random);
        owner.Wake();
        OnFound?.Invoke();
    }

    /// <summary>Told when a broker has answered.</summary>
    public Action? OnFound { get; init; }
}
