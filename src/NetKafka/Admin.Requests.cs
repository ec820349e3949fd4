using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka;

/// <content>Any request of the protocol, for what has no call of its own.</content>
public sealed partial class Admin
{
    /// <summary>
    /// Sends any request of the protocol and gives its answer as it is: errors in it are the caller's to read, and a broker that says that it is
    /// not the right one is not left for another. A request that could not be sent is tried again until the deadline; one that may have been worked
    /// off is not.
    /// </summary>
    /// <typeparam name="TRequest">The request, of <c>NetKafka.Protocol.Messages</c>.</typeparam>
    /// <typeparam name="TResponse">Its response.</typeparam>
    /// <param name="request">The request. Fields that a version does not have must have their defaults where that version is used.</param>
    /// <param name="target">Which broker it is for.</param>
    /// <param name="version">The version to speak; null for the newest that both sides do.</param>
    /// <param name="cancellation">Ends the wait; the request may be worked off all the same.</param>
    /// <returns>The response.</returns>
    /// <exception cref="KafkaProtocolException">The broker does not speak such a version, or its answer cannot be read.</exception>
    /// <exception cref="KafkaTimeoutException">There was no answer by the deadline (<see cref="AdminOptions.CallTimeout"/>).</exception>
    /// <exception cref="KafkaException">The request could not be sent, or its broker not be found.</exception>
    public async ValueTask<TResponse> AskAsync<TRequest, TResponse>(
        TRequest request, AdminTarget target, short? version = null, CancellationToken cancellation = default)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(request);
        await _runtime.Enter();
        return (await AskEachOnce<AdminTarget, TRequest, TResponse>([target], RouteTo(target), request, version, cancellation))[0].GetOrThrow();
    }

    /// <summary>Sends any request of the protocol to every broker that is up, side by side; see <see cref="AskAsync"/>.</summary>
    /// <typeparam name="TRequest">The request, of <c>NetKafka.Protocol.Messages</c>.</typeparam>
    /// <typeparam name="TResponse">Its response.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="version">The version to speak; null for the newest that both sides do.</param>
    /// <param name="cancellation">Ends the wait; the request may be worked off all the same.</param>
    /// <returns>By node id the response of each broker, or an error of its own.</returns>
    /// <exception cref="KafkaException">The brokers could not be found out.</exception>
    public async ValueTask<IReadOnlyList<ItemResult<int, TResponse>>> AskEveryBrokerAsync<TRequest, TResponse>(
        TRequest request, short? version = null, CancellationToken cancellation = default)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(request);
        await _runtime.Enter();
        var scope = Scope(cancellation);
        var cluster = await DescribeCluster(scope);
        return await AskEachOnce<int, TRequest, TResponse>(
            [.. cluster.Brokers.Select(static broker => broker.Id)], ToEachBroker, request, version, scope);
    }

    ValueTask<IReadOnlyList<ItemResult<TKey, TResponse>>> AskEachOnce<TKey, TRequest, TResponse>(
        TKey[] keys, AdminRoute<TKey> route, TRequest request, short? version, CallScope scope)
        where TKey : notnull
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        var items = Items<TKey, TResponse>(keys, static key => $"{TRequest.ApiKey} had no answer of {(key is int node ? $"broker {node}" : key)}");
        return AskEach<TKey, TResponse, TRequest, TResponse>(
            items, route, (_, _) => request, (answer, asked, _) => items.Succeed(asked[0], answer), scope,
            version ?? 0, mostPerRequest: 1, maxVersion: version ?? short.MaxValue, mayRepeat: false);
    }

    AdminRoute<AdminTarget> RouteTo(AdminTarget target)
    {
        switch (target.Way)
        {
            case AdminTarget.Kind.Controller:
                return ToController<AdminTarget>();
            case AdminTarget.Kind.Broker:
                return new NodeRoute<AdminTarget>(static target => target.NodeId);
            case AdminTarget.Kind.GroupCoordinator:
                return new CoordinatorRoute<AdminTarget>(static target => CoordinatorKey.Group(target.Id!));
            case AdminTarget.Kind.TransactionCoordinator:
                return new CoordinatorRoute<AdminTarget>(static target => CoordinatorKey.Transaction(target.Id!));
            case AdminTarget.Kind.Leader:
                return ToLeader<AdminTarget>(static target => target.Partition, static target => $"A request for {target} could not be sent");
            default:
                return ToAnyBroker<AdminTarget>();
        }
    }
}
