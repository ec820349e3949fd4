using NetKafka.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>
/// A call on several items, each of which is asked of the broker that it concerns: brokers are asked side by side, what is answered stays, what
/// may pass is asked again, of another broker where it has moved. One broker that fails takes nothing from the items of the others.
/// </summary>
/// <param name="call">The caller's call.</param>
/// <param name="machine">Polled when an answer has come.</param>
/// <param name="settings">How long to wait for what.</param>
/// <param name="items">The items.</param>
/// <param name="route">Which broker each is asked of.</param>
sealed class ItemInquiry<TKey, TValue, TRequest, TResponse>(
    Call<IReadOnlyList<ItemResult<TKey, TValue>>> call, Machine machine, InquirySettings settings, AdminItems<TKey, TValue> items, AdminRoute<TKey> route)
    : Inquiry
    where TKey : notnull
    where TRequest : IRequest<TRequest, TResponse>
    where TResponse : class, IMessage<TResponse>
{
    readonly List<Batch> _batches = [];
    readonly HashSet<TKey> _underWay = [];
    BrokerRequest? _lookUp;
    Instant _nextLookUp = Instant.Start;
    int _rounds;
    int _lookUps;

    /// <summary>Makes the request for some items, in the version that will be written.</summary>
    public required Func<short, IReadOnlyList<TKey>, TRequest> Request { get; init; }

    /// <summary>Takes an answer: what became of each of its items, by the word of which node.</summary>
    public required Action<TResponse, IReadOnlyList<TKey>, int> Take { get; init; }

    /// <summary>The oldest version that can say what is wanted of an item. Those that a broker is too old for take nothing from the others.</summary>
    public Func<TKey, short> MinVersionOf { get; init; } = static _ => TRequest.LowestVersion;

    public short MaxVersion { get; init; } = TRequest.HighestStableVersion;

    /// <summary>Whether a request that may have been worked off is sent again.</summary>
    public bool MayRepeat { get; init; } = true;

    /// <summary>How many items one request may name.</summary>
    public int MostPerRequest { get; init; } = int.MaxValue;

    public override Instant Deadline => call.Deadline;

    public override bool IsOver => call.IsAnswered;

    public override void Ask(ICluster cluster, Instant now)
    {
        AskAt = Instant.Never;
        _rounds++;
        var unknown = new List<TKey>();
        // In the order of the items: what is sent must not differ from run to run.
        var groups = new List<(RequestTarget Target, short MinVersion, List<TKey> Keys)>();
        foreach (var key in items.Open.Where(key => !_underWay.Contains(key)))
        {
            if (route.TargetOf(cluster, key) is not { } target)
            {
                unknown.Add(key);
                continue;
            }
            var minVersion = MinVersionOf(key);
            var group = groups.FindLastIndex(group => group.Target == target && group.MinVersion == minVersion);
            if (group < 0 || groups[group].Keys.Count >= MostPerRequest)
                groups.Add((target, minVersion, [key]));
            else
                groups[group].Keys.Add(key);
        }
        foreach (var (target, minVersion, keys) in groups)
            Send(cluster, target, minVersion, keys);
        if (unknown.Count == 0 || _lookUp is not null)
            return;
        if (_nextLookUp <= now)
            LookUp(cluster, unknown, now);
        else
            AskAt = _nextLookUp;
    }

    public override void Conclude(ICluster cluster, Instant now, Effects effects)
    {
        if (IsOver)
        {
            // Cancelled by its caller: the answers find nobody.
            Abandon();
            return;
        }
        var again = false;
        foreach (var batch in _batches.Where(static batch => batch.IsOver).ToArray())
        {
            _batches.Remove(batch);
            _underWay.ExceptWith(batch.Keys);
            again |= Conclude(cluster, batch);
        }
        if (!items.IsOver && Deadline <= now)
        {
            items.Expire(_rounds);
            Abandon();
        }
        if (items.IsOver)
            call.Succeed(items.Results(), effects);
        else if (again)
            AskAt = Instant.Earlier(AskAt, now + settings.Backoff.After(_rounds, settings.Random));
    }

    public override void Fail(Exception error, Effects effects)
    {
        Abandon();
        call.Fail(error, effects);
    }

    void Send(ICluster cluster, RequestTarget target, short minVersion, List<TKey> keys)
    {
        var batch = new Batch(keys, target.Kind == TargetKind.Broker ? target.NodeId : -1);
        _batches.Add(batch);
        _underWay.UnionWith(keys);
        keys.ForEach(items.OnAsked);
        batch.Request = new Exchange<TRequest, TResponse>(
            version =>
            {
                keys.ForEach(items.OnSent);
                return Request(version, keys);
            },
            outcome =>
            {
                batch.Outcome = outcome;
                machine.Wake();
            })
        {
            MinVersion = minVersion, MaxVersion = MaxVersion, Timeout = settings.RequestTimeout, Deadline = Deadline, Owner = machine,
        };
        cluster.Send(batch.Request, target, LaneKey.Admin);
    }

    void LookUp(ICluster cluster, List<TKey> keys, Instant now)
    {
        _lookUp = route.LookUp(
            keys,
            failure => keys.ForEach(key => TakeLookUpFailure(key, failure)),
            items.Fail,
            () =>
            {
                (_lookUp, AskAt) = (null, Instant.Start);
                machine.Wake();
            });
        _nextLookUp = now + settings.Backoff.After(++_lookUps, settings.Random);
        _lookUp.Deadline = Deadline;
        cluster.Send(_lookUp, RequestTarget.AnyBroker, LaneKey.Admin);
    }

    /// <summary>A look-up changes nothing: it is tried again, unless it can never succeed.</summary>
    void TakeLookUpFailure(TKey key, RequestFailure failure)
    {
        var error = KafkaErrors.From(failure, items.What(key), _rounds);
        if (failure.IsRetriable || failure.Reason == RequestFailureReason.Expired)
            items.Defer(key, error);
        else
            items.Fail(key, error);
    }

    /// <summary>Whether something has to be asked again.</summary>
    bool Conclude(ICluster cluster, Batch batch)
    {
        var outcome = batch.Outcome!.Value;
        if (outcome.HasResponse)
        {
            Take(outcome.Response, batch.Keys, outcome.NodeId);
            foreach (var key in batch.Keys.Where(items.IsOpen))
                ConcludeOpen(cluster, key, outcome.NodeId);
        }
        else
            ConcludeFailure(cluster, batch, outcome.Failure);
        return batch.Keys.Exists(items.IsOpen);
    }

    void ConcludeOpen(ICluster cluster, TKey key, int nodeId)
    {
        if (items.DeferralOf(key) is not { } deferral)
            items.Defer(key, new KafkaProtocolException($"{items.What(key)}: the broker's answer says nothing of it."));
        else if (AdminErrors.IsMove(deferral.Code))
            route.OnMoved(cluster, key, nodeId);
    }

    void ConcludeFailure(ICluster cluster, Batch batch, RequestFailure failure)
    {
        foreach (var key in batch.Keys)
        {
            var error = KafkaErrors.From(failure, items.What(key), _rounds);
            if (failure.Reason != RequestFailureReason.NotSent)
                items.OnUnanswered(key);
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.UnansweredItemIsDone) && failure.Reason == RequestFailureReason.Lost)
                items.Succeed(key, default!);
#endif
            if (failure.IsRetriable && (MayRepeat || failure.Reason == RequestFailureReason.NotSent))
            {
                items.Defer(key, error);
                route.OnMoved(cluster, key, batch.NodeId);
            }
            else if (failure.Reason == RequestFailureReason.Expired)
                items.Defer(key, error);
            else
                items.Fail(key, error);
        }
    }

    void Abandon()
    {
        _lookUp?.Abandon();
        foreach (var batch in _batches)
            batch.Request?.Abandon();
    }

    /// <summary>Items that are asked of one broker together.</summary>
    /// <param name="keys">The items.</param>
    /// <param name="nodeId">The broker; −1 where it was to be found out.</param>
    sealed class Batch(List<TKey> keys, int nodeId)
    {
        public List<TKey> Keys => keys;

        public BrokerRequest? Request { get; set; }

        public Outcome<TResponse>? Outcome { get; set; }

        public bool IsOver => Outcome is not null;

        public int NodeId => nodeId;
    }
}
