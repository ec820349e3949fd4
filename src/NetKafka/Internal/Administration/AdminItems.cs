using NetKafka.Administration;
using NetKafka.Internal.Cluster;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>
/// The items of one call and what has become of each: what is still open is asked for again, what is answered stays. Order is the caller's.
/// </summary>
/// <typeparam name="TKey">What tells items apart.</typeparam>
/// <typeparam name="TValue">What is told of one.</typeparam>
sealed class AdminItems<TKey, TValue>
    where TKey : notnull
{
    readonly List<Item> _order = [];
    readonly Dictionary<TKey, Item> _items;
    readonly Func<TKey, string> _what;

    /// <param name="keys">The items; one that stands there twice is answered with an error of its own, and nothing is asked of it.</param>
    /// <param name="what">What could not be done with one, for messages: "Topic 'a' could not be created".</param>
    /// <param name="comparer">What tells items apart; null for their own equality.</param>
    public AdminItems(IEnumerable<TKey> keys, Func<TKey, string> what, IEqualityComparer<TKey>? comparer = null)
    {
        (_what, _items) = (what, new Dictionary<TKey, Item>(comparer));
        foreach (var key in keys)
        {
            var item = new Item(key);
            if (_items.TryAdd(key, item))
                _order.Add(item);
            else
                Fail(key, new KafkaException($"{what(key)}: it stands twice in one call; nothing was done to it.") { Code = ErrorCode.InvalidRequest });
        }
    }

    /// <summary>Whether passing errors of quotas are waited out (KIP-599).</summary>
    public bool WaitsForQuota { get; init; } = true;

    /// <summary>What is not answered yet, in the caller's order.</summary>
    public IEnumerable<TKey> Open => _order.Where(static item => !item.IsAnswered).Select(static item => item.Key);

    public bool IsOver => _order.TrueForAll(static item => item.IsAnswered);

    public bool IsOpen(TKey key) => _items.TryGetValue(key, out var item) && !item.IsAnswered;

    /// <summary>What could not be done with an item, for messages.</summary>
    public string What(TKey key) => _what(key);

    public void Succeed(TKey key, TValue value)
    {
        if (_items.TryGetValue(key, out var item) && !item.IsAnswered)
            (item.IsAnswered, item.Value) = (true, value);
    }

    public void Fail(TKey key, KafkaException error)
    {
        if (_items.TryGetValue(key, out var item) && !item.IsAnswered)
            (item.IsAnswered, item.Error) = (true, error);
    }

    /// <summary>An item stays open, for a passing reason.</summary>
    public void Defer(TKey key, KafkaException error, ErrorCode code = ErrorCode.None)
    {
        if (_items.TryGetValue(key, out var item) && !item.IsAnswered)
            (item.LastError, item.DeferredBy) = (error, code);
    }

    /// <summary>Takes what a broker said of one item: an error that may pass leaves it open.</summary>
    /// <param name="key">The item. One that was not asked for, or is answered already, is ignored: answers repeat what moves.</param>
    /// <param name="code">The broker's error.</param>
    /// <param name="detail">Its own words, if it gave any.</param>
    /// <param name="onSuccess">Makes the value.</param>
    public void Take(TKey key, ErrorCode code, string? detail, Func<TValue> onSuccess)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.AnswerIsTakenForAnotherItem) && IsOpen(key))
            key = Open.First();
#endif
        if (!IsOpen(key))
            return;
        if (code == ErrorCode.None)
        {
            Succeed(key, onSuccess());
            return;
        }
        // Who asks anew for what is done already is told that it is there, or is gone: not what became of the try before.
        if (_items[key].MayBeDone)
            detail = $"{detail}{(string.IsNullOrEmpty(detail) ? "" : "; ")}an earlier try of this call had no answer, and may have done it";
        var error = KafkaErrors.From(code, detail, _what(key));
        if (AdminErrors.MayPass(code) && (WaitsForQuota || code != ErrorCode.ThrottlingQuotaExceeded))
            Defer(key, error, code);
        else
            Fail(key, error);
    }

    /// <summary>As <see cref="Take"/>, where whatever the broker says is its last word.</summary>
    public void TakeLastWord(TKey key, ErrorCode code, string? detail, Func<TValue> onSuccess)
    {
        if (code == ErrorCode.None)
            Succeed(key, onSuccess());
        else
            Fail(key, KafkaErrors.From(code, detail, _what(key)));
    }

    /// <summary>Takes an error that a broker gave for its whole answer; where there is none, nothing.</summary>
    public void TakeForAll(IEnumerable<TKey> keys, ErrorCode code, string? detail)
    {
        if (code == ErrorCode.None)
            return;
        foreach (var key in keys)
            Take(key, code, detail, static () => throw new InvalidOperationException("An error has no value."));
    }

    /// <summary>The item goes into a request: what kept it open before counts no longer.</summary>
    public void OnAsked(TKey key) => (_items[key].LastError, _items[key].DeferredBy) = (null, ErrorCode.None);

    /// <summary>The request of an item may have reached its broker.</summary>
    public void OnSent(TKey key)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.SentItemIsToldAsNeverSent))
            return;
#endif
        _items[key].WasSent = true;
    }

    /// <summary>The request of an item has no answer: what it asked for may be done.</summary>
    public void OnUnanswered(TKey key) => _items[key].MayBeDone = _items[key].WasSent;

    /// <summary>What keeps an item open; null where it was asked for and nothing was said of it.</summary>
    public (KafkaException Error, ErrorCode Code)? DeferralOf(TKey key) =>
        _items[key] is { LastError: { } error } item ? (error, item.DeferredBy) : null;

    /// <summary>The time is over: what is open has failed, and if it was ever sent it may have been done all the same.</summary>
    public void Expire(int attempts)
    {
        foreach (var item in _order.Where(static item => !item.IsAnswered))
        {
            var why = item.LastError is null ? "" : $"; the last failure: {item.LastError.Message}";
            var fate = item.WasSent ? "What became of it is unknown" : "It was never sent";
            Fail(item.Key, new KafkaTimeoutException(
                $"{_what(item.Key)}: the deadline passed (CallTimeout). {fate}{why}", "answer of the broker", item.LastError)
            {
                Attempts = attempts, IsRetriable = true, WasSent = item.WasSent,
            });
        }
    }

    /// <summary>What became of all.</summary>
    public IReadOnlyList<ItemResult<TKey, TValue>> Results() =>
        [.. _order.Select(static item => new ItemResult<TKey, TValue>(item.Key, item.Value, item.Error))];

    sealed class Item(TKey key)
    {
        public TKey Key { get; } = key;

        public bool IsAnswered { get; set; }

        public TValue? Value { get; set; }

        public KafkaException? Error { get; set; }

        public KafkaException? LastError { get; set; }

        public ErrorCode DeferredBy { get; set; }

        public bool WasSent { get; set; }

        public bool MayBeDone { get; set; }
    }
}
