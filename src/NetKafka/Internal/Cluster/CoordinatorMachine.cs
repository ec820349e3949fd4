using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Cluster;

/// <summary>
/// Finds the brokers that coordinate groups and transactions, and remembers them until one shows that it no longer does. A
/// look-up that fails for a passing reason is tried again after a pause, as long as somebody waits for it.
/// </summary>
sealed class CoordinatorMachine(ICluster cluster, TimeSpan requestTimeout, Backoff backoff, RandomSource random, Action onChange) : Machine
{
    readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The node, or −1 while unknown.</summary>
    public int NodeOf(CoordinatorKey key) => Find(key)?.NodeId ?? -1;

    /// <summary>Why the key has no coordinator, where another try would not change that.</summary>
    public RequestFailure? RefusalOf(CoordinatorKey key) => Find(key)?.Refusal;

    /// <summary>Somebody waits for this key's coordinator.</summary>
    public void Want(CoordinatorKey key)
    {
        var name = NameOf(key);
        if (!_entries.TryGetValue(name, out var entry))
            _entries.Add(name, entry = new Entry(key));
        entry.IsWanted = true;
        Wake();
    }

    public void Forget(CoordinatorKey key, int nodeId)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.CoordinatorIsKept))
            return;
#endif
        if (Find(key) is { } entry && entry.NodeId == nodeId)
            entry.NodeId = -1;
    }

    /// <summary>A broker cannot be reached: whatever it coordinated may have moved.</summary>
    public void ForgetNode(int nodeId)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.CoordinatorIsKept))
            return;
#endif
        foreach (var entry in _entries.Values)
        {
            if (entry.NodeId == nodeId)
                entry.NodeId = -1;
        }
    }

    /// <summary>The refusal was told to all who waited; the next who wants to know starts anew.</summary>
    public void ClearRefusal(CoordinatorKey key)
    {
        if (Find(key) is { } entry)
            entry.Refusal = null;
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        var next = Instant.Never;
        foreach (var entry in _entries.Values)
        {
            if (!entry.IsWanted || entry.IsAsking || entry.NodeId >= 0)
                continue;
            if (entry.NotBefore > now)
                next = Instant.Earlier(next, entry.NotBefore);
            else
                Ask(entry, now);
        }
        return next;
    }

    void Ask(Entry entry, Instant now)
    {
        entry.IsAsking = true;
        // The oldest versions know groups only; batches of keys came with version 4.
        var request = new Exchange<FindCoordinatorRequest, FindCoordinatorResponse>(
            version => version >= 4
                ? new FindCoordinatorRequest { KeyType = entry.Key.Type, CoordinatorKeys = [entry.Key.Key] }
                : new FindCoordinatorRequest { KeyType = entry.Key.Type, Key = entry.Key.Key },
            outcome => OnOutcome(entry, outcome))
        {
            MinVersion = (short)(entry.Key.Type == 0 ? 0 : entry.Key.Type == 1 ? 1 : 6),
            Timeout = requestTimeout,
            Deadline = now + requestTimeout,
        };
        cluster.Send(request, RequestTarget.AnyBroker, LaneKey.Control);
    }

    void OnOutcome(Entry entry, Outcome<FindCoordinatorResponse> outcome)
    {
        entry.IsAsking = false;
        Wake();
        if (!outcome.HasResponse)
        {
            if (outcome.Failure.Reason == RequestFailureReason.UnsupportedVersion)
                Refuse(entry, outcome.Failure);
            else
                Pause(entry, outcome.Now);
            return;
        }
        var answer = outcome.Response;
        var row = answer.Coordinators is [var first, ..] ? first : null;
        var error = row?.ErrorCode ?? answer.ErrorCode;
        if (error == ErrorCode.None && TryLearn(row?.NodeId ?? answer.NodeId, row?.Host ?? answer.Host, row?.Port ?? answer.Port))
        {
            (entry.NodeId, entry.Failures, entry.IsWanted) = (row?.NodeId ?? answer.NodeId, 0, false);
            onChange();
        }
        else if (error == ErrorCode.None || error.IsRetriable())
        {
            Pause(entry, outcome.Now);
        }
        else
        {
            var detail = $"the coordinator of {entry.Key} could not be found: {error.KafkaName()} {row?.ErrorMessage ?? answer.ErrorMessage}".TrimEnd();
            Refuse(entry, new RequestFailure(RequestFailureReason.Refused, "", detail, null, error));
        }
    }

    /// <summary>Learns where the coordinator listens; false where the answer names no broker that could be.</summary>
    bool TryLearn(int nodeId, string host, int port)
    {
        cluster.LearnBroker(nodeId, host, port, null);
        return cluster.View.Brokers.ContainsKey(nodeId);
    }

    /// <summary>After the pause it is asked again if somebody still waits: who does says so on every change.</summary>
    void Pause(Entry entry, Instant now)
    {
        entry.Failures++;
        entry.NotBefore = now + backoff.After(entry.Failures, random);
        entry.IsWanted = false;
        onChange();
    }

    void Refuse(Entry entry, RequestFailure refusal)
    {
        (entry.Refusal, entry.IsWanted) = (refusal, false);
        onChange();
    }

    Entry? Find(CoordinatorKey key) => _entries.GetValueOrDefault(NameOf(key));

    static string NameOf(CoordinatorKey key) => $"{key.Type}:{key.Key}";

    /// <summary>What is known of one key.</summary>
    sealed class Entry(CoordinatorKey key)
    {
        public CoordinatorKey Key { get; } = key;

        public int NodeId { get; set; } = -1;

        public bool IsWanted { get; set; }

        public bool IsAsking { get; set; }

        public int Failures { get; set; }

        public Instant NotBefore { get; set; } = Instant.Start;

        public RequestFailure? Refusal { get; set; }
    }
}
