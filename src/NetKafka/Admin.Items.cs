using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka;

/// <content>How calls on several items are asked.</content>
public sealed partial class Admin
{
    static readonly AdminRoute<int> ToEachBroker = new NodeRoute<int>(static node => node);

    static AdminRoute<TKey> ToController<TKey>()
        where TKey : notnull => new FixedRoute<TKey>(RequestTarget.Controller);

    static AdminRoute<TKey> ToAnyBroker<TKey>()
        where TKey : notnull => new FixedRoute<TKey>(RequestTarget.AnyBroker);

    AdminRoute<TKey> ToLeader<TKey>(Func<TKey, TopicPartition> partitionOf, Func<TKey, string> what)
        where TKey : notnull => new LeaderRoute<TKey>(partitionOf, what, _settings.RequestTimeout, _machine);

    AdminItems<TKey, TValue> Items<TKey, TValue>(IEnumerable<TKey> keys, Func<TKey, string> what, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull => new(keys, what, comparer) { WaitsForQuota = _options.WaitsForQuota };

    /// <summary>Asks for each item. Nothing is asked where nothing is open.</summary>
    ValueTask<IReadOnlyList<ItemResult<TKey, TValue>>> AskEach<TKey, TValue, TRequest, TResponse>(
        AdminItems<TKey, TValue> items,
        AdminRoute<TKey> route,
        Func<short, IReadOnlyList<TKey>, TRequest> request,
        Action<TResponse, IReadOnlyList<TKey>, int> take,
        CallScope scope,
        short minVersion = 0,
        Func<TKey, short>? minVersionOf = null,
        int mostPerRequest = int.MaxValue,
        short maxVersion = short.MaxValue,
        bool mayRepeat = true)
        where TKey : notnull
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (route.IsOfBrokers && _runtime.Options.IsOfControllers)
            FailForControllers(items);
        if (items.IsOver)
            return ValueTask.FromResult(items.Results());
        return Begin<IReadOnlyList<ItemResult<TKey, TValue>>>(scope, call => new ItemInquiry<TKey, TValue, TRequest, TResponse>(call, _machine, _settings, items, route)
        {
            Request = request,
            Take = take,
            MinVersionOf = key => Math.Max(minVersionOf?.Invoke(key) ?? minVersion, TRequest.LowestVersion),
            MostPerRequest = mostPerRequest,
            MaxVersion = Math.Min(maxVersion, TRequest.HighestStableVersion),
            MayRepeat = mayRepeat,
        });
    }

    /// <summary>Asks every broker that is up, side by side, and merges what they list: what moves meanwhile is told of by two.</summary>
    async ValueTask<ListResult<TListing>> AskAllBrokers<TListing, TRequest, TResponse>(
        Func<int, string> what,
        TRequest request,
        Func<TResponse, (ErrorCode Error, IEnumerable<TListing> Listed)> read,
        Func<TListing, string> keyOf,
        CallScope scope,
        short minVersion)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        var cluster = await DescribeCluster(scope);
        var items = Items<int, TListing[]>(cluster.Brokers.Select(static broker => broker.Id), what);
        var results = await AskEach<int, TListing[], TRequest, TResponse>(
            items, ToEachBroker, (_, _) => request,
            (answer, nodes, _) =>
            {
                var (error, listed) = read(answer);
                items.Take(nodes[0], error, null, () => [.. listed]);
            },
            scope, minVersion);
        return new ListResult<TListing>(
            [.. results.SelectMany(static result => result.Value ?? []).DistinctBy(keyOf).OrderBy(keyOf, StringComparer.Ordinal)],
            [.. results.Where(static result => !result.Succeeded).Select(static result => new ItemOutcome<int>(result.Item, result.Error))]);
    }

    static void FailForControllers<TKey, TValue>(AdminItems<TKey, TValue> items)
        where TKey : notnull
    {
        foreach (var key in items.Open.ToArray())
        {
            items.Fail(key, new KafkaException($"{items.What(key)}: the client talks to controllers (BootstrapControllers), which do not serve that; use BootstrapServers.")
            {
                Code = ErrorCode.UnsupportedEndpointType,
            });
        }
    }

    /// <summary>What became of items of which nothing is told but that.</summary>
    async ValueTask<IReadOnlyList<ItemOutcome<TKey>>> Outcomes<TKey>(ValueTask<IReadOnlyList<ItemResult<TKey, bool>>> results)
    {
        await _runtime.Enter();
        return [.. (await results).Select(static result => new ItemOutcome<TKey>(result.Item, result.Error))];
    }

    /// <summary>Answers items that cannot be what they are meant to be, so that they are not sent.</summary>
    static void FailMistakes<TKey, TValue>(AdminItems<TKey, TValue> items, Func<TKey, string?> mistakeOf)
        where TKey : notnull
    {
        foreach (var key in items.Open.ToArray())
        {
            if (mistakeOf(key) is { } mistake)
                items.Fail(key, MistakeError(items.What(key), mistake));
        }
    }

    static KafkaException MistakeError(string what, string mistake, ErrorCode code = ErrorCode.InvalidRequest) => new($"{what}: {mistake}.") { Code = code };
}
