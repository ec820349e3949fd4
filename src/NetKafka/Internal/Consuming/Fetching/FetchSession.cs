using System.Diagnostics.CodeAnalysis;
using System.Text;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// What one broker remembers of this consumer's fetches (KIP-227), so that a fetch names only what changed. It is kept from
/// what was sent; whenever a fetch has no answer, or the broker says that it remembers otherwise, both begin anew.
/// </summary>
sealed class FetchSession
{
    const int NoSession = 0;
    const int FirstEpoch = 0;

    readonly Dictionary<TopicPartition, FetchTarget> _held = [];
    readonly List<TopicPartition> _order = [];
    readonly Dictionary<Guid, string> _namesById = [];

    // Of every topic that was ever asked for: a broker without sessions is told of all anew each time.
    readonly List<(byte[] Utf8, string Name)> _names = [];
    readonly HashSet<TopicPartition> _wanted = [];
    int _id = NoSession;
    int _epoch = FirstEpoch;
    int _lastName;
    bool _usesTopicIds;

    /// <summary>
    /// Makes the plan's changes from <see cref="FetchPlan.All"/>, and takes them as known to the broker from now on.
    /// </summary>
    public void Plan(FetchPlan plan)
    {
        plan.UsesTopicIds = true;
        foreach (var target in plan.All)
            plan.UsesTopicIds &= target.TopicId != Guid.Empty;
        // A session speaks of topics by name or by id, never of some this way and of some that way.
        if (plan.UsesTopicIds != _usesTopicIds && _epoch != FirstEpoch)
            Restart();
        _usesTopicIds = plan.UsesTopicIds;
        plan.Changed.Clear();
        plan.Forgotten.Clear();
        (plan.SessionId, plan.SessionEpoch) = (_id, _epoch);
        if (_epoch == FirstEpoch)
            Forget();
        _wanted.Clear();
        foreach (var target in plan.All)
        {
            _wanted.Add(target.Partition);
            if (_held.TryGetValue(target.Partition, out var held))
            {
                if (held.TopicId != target.TopicId)
                    plan.Forgotten.Add(held);
                if (!held.IsSameOnWire(target))
                    plan.Changed.Add(target);
            }
            else
            {
                _order.Add(target.Partition);
                if (!_usesTopicIds)
                    LearnName(target.Partition.Topic);
                plan.Changed.Add(target);
            }
            _held[target.Partition] = target;
            _namesById[target.TopicId] = target.Partition.Topic;
        }
        for (var i = _order.Count - 1; i >= 0; i--)
        {
            if (_wanted.Contains(_order[i]))
                continue;
            _held.Remove(_order[i], out var forgotten);
            plan.Forgotten.Add(forgotten);
            _order.RemoveAt(i);
        }
    }

    /// <summary>A fetch was answered without an error of the session.</summary>
    public void OnAnswered(int sessionId)
    {
        if (sessionId == NoSession)
            Reset();
        else
            (_id, _epoch) = (sessionId, _id == sessionId && _epoch < int.MaxValue ? _epoch + 1 : FirstEpoch + 1);
    }

    /// <summary>
    /// A fetch has no answer: the broker may hold the session in another state. It is closed by the next one, which opens
    /// another.
    /// </summary>
    public void Restart() => _epoch = FirstEpoch;

    /// <summary>The broker has no such session any more.</summary>
    public void Reset() => (_id, _epoch) = (NoSession, FirstEpoch);

    /// <summary>What was asked for a partition, if the session holds it.</summary>
    public bool TryGet(string topic, int partition, out FetchTarget target) =>
        _held.TryGetValue(new TopicPartition(topic, partition), out target);

    public bool TryGetName(Guid topicId, [NotNullWhen(true)] out string? name) => _namesById.TryGetValue(topicId, out name);

    /// <summary>The topic of a name in UTF-8. Answers come in the order of what was asked, so the next one is looked at first.</summary>
    public bool TryGetName(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? name)
    {
        for (var left = _names.Count; left > 0; left--)
        {
            _lastName = (_lastName + 1) % _names.Count;
            if (!utf8.SequenceEqual(_names[_lastName].Utf8))
                continue;
            name = _names[_lastName].Name;
            return true;
        }
        name = null;
        return false;
    }

    /// <summary>Whether an error concerns the session alone, so that a full fetch may follow at once.</summary>
    public static bool IsSessionError(ErrorCode error) => error is ErrorCode.FetchSessionIdNotFound
        or ErrorCode.InvalidFetchSessionEpoch or ErrorCode.FetchSessionTopicIdError;

    void Forget()
    {
        _held.Clear();
        _order.Clear();
        _namesById.Clear();
    }

    void LearnName(string topic)
    {
        foreach (var (_, known) in _names)
        {
            if (known == topic)
                return;
        }
        _names.Add((Encoding.UTF8.GetBytes(topic), topic));
    }
}
