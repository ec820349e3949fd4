using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using NetKafka.Protocol;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// What one broker remembers of this consumer's fetches (KIP-227), so that a fetch names only what changed. It is kept from
/// what was sent; whenever a fetch has no answer, or the broker says that it remembers otherwise, both begin anew.
/// </summary>
sealed class FetchSession
{
    const int NoSession = 0;
    const int FirstEpoch = 0;

    readonly Dictionary<TopicPartition, FetchSlot> _held = [];
    readonly List<FetchSlot> _order = [];
    readonly Dictionary<Guid, string> _namesById = [];

    // Of every topic that was ever asked for: a broker without sessions is told of all anew each time.
    readonly List<(byte[] Utf8, string Name)> _names = [];
    readonly HashSet<string> _knownNames = new(StringComparer.Ordinal);
    long _plans;
    int _id = NoSession;
    int _epoch = FirstEpoch;
    int _lastName;
    bool _usesTopicIds;

    /// <summary>
    /// Makes the plan's changes from <see cref="FetchPlan.All"/>, and takes them as known to the broker from now on.
    /// </summary>
    public void Plan(FetchPlan plan)
    {
        plan.UsesTopicIds = plan.AllowsTopicIds;
        foreach (ref readonly var target in CollectionsMarshal.AsSpan(plan.All))
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
        _plans++;
        foreach (ref readonly var target in CollectionsMarshal.AsSpan(plan.All))
        {
            var slot = target.Slot;
            slot.Plan = _plans;
            if (!slot.IsHeld)
                Hold(target, plan);
            else if (!slot.Held.IsSameOnWire(target))
                Change(target, plan);
            slot.Held = target;
        }
        if (_order.Count > plan.All.Count)
            ForgetOthers(plan);
    }

    /// <summary>The place of a partition, for as long as it is asked for.</summary>
    public FetchSlot SlotOf(TopicPartition partition) => _held.TryGetValue(partition, out var slot) ? slot : new FetchSlot(partition);

    /// <summary>
    /// A fetch was answered without an error of the session. Which version it was written in shows with its answer, where nothing was known
    /// of the broker before: a session of names is no session of ids.
    /// </summary>
    public void OnAnswered(int sessionId, bool usesTopicIds)
    {
        _usesTopicIds = usesTopicIds;
        if (sessionId == NoSession)
            Reset();
        else
            (_id, _epoch) = (sessionId, _id == sessionId && _epoch < int.MaxValue ? _epoch + 1 : FirstEpoch + 1);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.SessionBeginsAnewEachTime))
            Restart();
#endif
    }

    /// <summary>
    /// A fetch has no answer: the broker may hold the session in another state. It is closed by the next one, which opens
    /// another.
    /// </summary>
    public void Restart() => _epoch = FirstEpoch;

    /// <summary>The broker has no such session any more.</summary>
    public void Reset() => (_id, _epoch) = (NoSession, FirstEpoch);

    /// <summary>What was asked for a partition, if the session holds it.</summary>
    public bool TryGet(string topic, int partition, out FetchTarget target)
    {
        var isHeld = _held.TryGetValue(new TopicPartition(topic, partition), out var slot);
        target = isHeld ? slot!.Held : default;
        return isHeld;
    }

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

    void Hold(in FetchTarget target, FetchPlan plan)
    {
        var slot = target.Slot;
        slot.IsHeld = true;
        _held.Add(slot.Partition, slot);
        _order.Add(slot);
        _namesById[target.TopicId] = slot.Partition.Topic;
        // Always: whether a broker of whom nothing is known yet answers by name shows with its answer.
        LearnName(slot.Partition.Topic);
        plan.Changed.Add(target);
    }

    void Change(in FetchTarget target, FetchPlan plan)
    {
        if (_usesTopicIds && target.Slot.Held.TopicId != target.TopicId)
        {
            // Another topic of the same name: to the broker these are two. By name they are one, which must not be forgotten.
            plan.Forgotten.Add(target.Slot.Held);
            _namesById[target.TopicId] = target.Partition.Topic;
        }
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.SessionHearsOfNoChange))
            return;
#endif
        plan.Changed.Add(target);
    }

    /// <summary>Gives up what the newest plan does not name.</summary>
    void ForgetOthers(FetchPlan plan)
    {
        var kept = 0;
        for (var i = 0; i < _order.Count; i++)
        {
            var slot = _order[i];
            if (slot.Plan == _plans)
            {
                _order[kept++] = slot;
                continue;
            }
            slot.IsHeld = false;
            _held.Remove(slot.Partition);
            plan.Forgotten.Add(slot.Held);
        }
        _order.RemoveRange(kept, _order.Count - kept);
    }

    void Forget()
    {
        foreach (var slot in _order)
            slot.IsHeld = false;
        _held.Clear();
        _order.Clear();
        _namesById.Clear();
    }

    void LearnName(string topic)
    {
        if (_knownNames.Add(topic))
            _names.Add((Encoding.UTF8.GetBytes(topic), topic));
    }
}
