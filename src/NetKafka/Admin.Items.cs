using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka;

/// <content>How calls on several items are asked.</content>
public sealed partial class Admin
{
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
        CancellationToken cancellation,
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
        if (items.IsOver)
            return ValueTask.FromResult(items.Results());
        return Begin<IReadOnlyList<ItemResult<TKey, TValue>>>(cancellation, call => new ItemInquiry<TKey, TValue, TRequest, TResponse>(call, _machine, _settings, items, route)
        {
            Request = request,
            Take = take,
            MinVersionOf = key => Math.Max(minVersionOf?.Invoke(key) ?? minVersion, TRequest.LowestVersion),
            MostPerRequest = mostPerRequest,
            MaxVersion = Math.Min(maxVersion, TRequest.HighestStableVersion),
            MayRepeat = mayRepeat,
        });
    }

    /// <summary>What became of items of which nothing is told but that.</summary>
    async ValueTask<IReadOnlyList<ItemOutcome<TKey>>> Outcomes<TKey>(ValueTask<IReadOnlyList<ItemResult<TKey, bool>>> results)
    {
        await _runtime.Enter();
        return [.. (await results).Select(static result => new ItemOutcome<TKey>(result.Item, result.Error))];
    }
}
