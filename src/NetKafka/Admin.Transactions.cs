using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Transactions, and the producers of partitions.</content>
public sealed partial class Admin
{
    const short FirstTransactionsByDuration = 1;
    const short FirstTransactionsByPattern = 2;

    // The coordinator writes down the new epoch within it; no transaction is begun with it.
    static readonly TimeSpan FencingTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Lists the transactional ids of the cluster. All brokers are asked, each for those that it coordinates (KIP-664).</summary>
    /// <param name="filter">Which of them; null for all. Brokers that are too old for a filter are told among the failures.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The transactional ids in order, and the brokers that told nothing.</returns>
    /// <exception cref="ArgumentException">The filter names a state that is none.</exception>
    /// <exception cref="KafkaException">The brokers could not be found out.</exception>
    public async ValueTask<ListResult<TransactionListing>> ListTransactionsAsync(TransactionFilter? filter = null, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        filter ??= new TransactionFilter();
        if (filter.States.FirstOrDefault(static state => state == TransactionState.Unknown || !Enum.IsDefined(state), TransactionState.Empty) is var none and not TransactionState.Empty)
            throw new ArgumentException($"{none} is no state of a transaction that can be asked for.", nameof(filter));
        var minVersion = filter.TransactionalIdPattern is not null ? FirstTransactionsByPattern : filter.MinDuration is not null ? FirstTransactionsByDuration : (short)0;
        return await AskAllBrokers<TransactionListing, ListTransactionsRequest, ListTransactionsResponse>(
            static node => $"The transactions of broker {node} could not be listed",
            new ListTransactionsRequest
            {
                StateFilters = [.. filter.States.Select(static state => state.ToString())],
                ProducerIdFilters = [.. filter.ProducerIds],
                DurationFilter = filter.MinDuration is { } duration ? (long)duration.TotalMilliseconds : -1,
                TransactionalIdPattern = filter.TransactionalIdPattern,
            },
            static answer => (answer.ErrorCode, answer.TransactionStates.Select(TransactionDescriptions.From)),
            static transaction => transaction.TransactionalId, Scope(cancellation), minVersion);
    }

    /// <summary>Describes transactional ids and their transactions (KIP-664).</summary>
    /// <param name="transactionalIds">The ids; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each id, in the order given, its description or an error of its own: <see cref="ErrorCode.TransactionalIdNotFound"/> where nobody uses it.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, TransactionDescription>>> DescribeTransactionsAsync(
        IEnumerable<string> transactionalIds, CancellationToken cancellation = default)
    {
        var items = TransactionalIds<TransactionDescription>(transactionalIds, static id => $"Transactional id '{id}' could not be described");
        return AskEach<string, TransactionDescription, DescribeTransactionsRequest, DescribeTransactionsResponse>(
            items, ToTransactionCoordinator(),
            static (_, ids) => new DescribeTransactionsRequest { TransactionalIds = [.. ids] },
            (answer, _, node) =>
            {
                foreach (var row in answer.TransactionStates)
                    items.Take(row.TransactionalId, row.ErrorCode, null, () => TransactionDescriptions.From(row, NodeOf(node)));
            },
            cancellation);
    }

    /// <summary>Describes the producers with ids that have written to partitions, and their open transactions (KIP-664).</summary>
    /// <param name="partitions">The partitions; none succeeds without a request.</param>
    /// <param name="brokerId">The node id of the replica that is asked; null, the default, for the leader of each.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each partition, in the order given, its producers by their ids, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<TopicPartition, IReadOnlyList<ProducerState>>>> DescribeProducersAsync(
        IEnumerable<TopicPartition> partitions, int? brokerId = null, CancellationToken cancellation = default)
    {
        static string What(TopicPartition partition) => $"The producers of {partition} could not be described";
        var items = Items<TopicPartition, IReadOnlyList<ProducerState>>(partitions, What);
        return AskEach<TopicPartition, IReadOnlyList<ProducerState>, DescribeProducersRequest, DescribeProducersResponse>(
            items, brokerId is { } node ? new NodeRoute<TopicPartition>(_ => node) : ToLeader<TopicPartition>(static partition => partition, What),
            static (_, open) => new DescribeProducersRequest
            {
                Topics = [.. open.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic => new DescribeProducersRequest.TopicRequest
                {
                    Name = topic.Key, PartitionIndexes = [.. topic.Select(static partition => partition.Partition)],
                })],
            },
            (answer, _, _) =>
            {
                foreach (var topic in answer.Topics)
                {
                    foreach (var row in topic.Partitions)
                    {
                        // A replica that is asked for by its node is there or is not: nobody else is looked for.
                        var isAbsent = brokerId is not null && row.ErrorCode == ErrorCode.NotLeaderOrFollower;
                        var partition = new TopicPartition(topic.Name, row.PartitionIndex);
                        if (isAbsent)
                            items.Fail(partition, KafkaErrors.From(row.ErrorCode, $"broker {brokerId} has no replica of it", What(partition)));
                        else
                            items.Take(partition, row.ErrorCode, row.ErrorMessage, () => [.. row.ActiveProducers.OrderBy(static producer => producer.ProducerId).Select(TransactionDescriptions.From)]);
                    }
                }
            },
            cancellation);
    }

    /// <summary>
    /// Aborts what is open of transactions in single partitions, behind the back of their coordinators (KIP-664): for transactions that hang, of which
    /// no coordinator knows any more. For others <see cref="ForceTerminateTransactionsAsync"/> is right. A request that may have been worked off is not
    /// sent again, since its producer may have begun another transaction.
    /// </summary>
    /// <param name="transactions">The transactions, as <see cref="DescribeProducersAsync"/> tells of them; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; they may be aborted all the same.</param>
    /// <returns>
    /// The outcome for each transaction, in the order given: <see cref="ErrorCode.InvalidProducerEpoch"/> or <see cref="ErrorCode.TransactionCoordinatorFenced"/>
    /// where the partition knows newer epochs, so that it does not hang.
    /// </returns>
    public ValueTask<IReadOnlyList<ItemOutcome<PartitionTransaction>>> AbortTransactionsAsync(
        IEnumerable<PartitionTransaction> transactions, CancellationToken cancellation = default)
    {
        static string What(PartitionTransaction transaction) => $"The transaction of producer {transaction.ProducerId} in {transaction.Partition} could not be aborted";
        var items = Items<PartitionTransaction, bool>(transactions, What);
        FailMistakes(items, static transaction => transaction is { ProducerId: < 0 } or { ProducerEpoch: < 0 } or { CoordinatorEpoch: < 0 } ? "ids and epochs are not negative" : null);
        return Outcomes(AskEach<PartitionTransaction, bool, WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
            items, ToLeader<PartitionTransaction>(static transaction => transaction.Partition, What),
            static (_, open) => new WriteTxnMarkersRequest
            {
                Markers =
                [
                    new WriteTxnMarkersRequest.WritableTxnMarker
                    {
                        ProducerId = open[0].ProducerId,
                        ProducerEpoch = open[0].ProducerEpoch,
                        CoordinatorEpoch = open[0].CoordinatorEpoch,
                        TransactionResult = false,
                        Topics = [new() { Name = open[0].Partition.Topic, PartitionIndexes = [open[0].Partition.Partition] }],
                    },
                ],
            },
            (answer, asked, _) =>
            {
                if (answer.Markers.FirstOrDefault()?.Topics.FirstOrDefault()?.Partitions.FirstOrDefault() is not { } row)
                    return;
                // A topic of metadata that the broker does not have has moved, or will soon be gone from metadata too.
                var error = row.ErrorCode == ErrorCode.UnknownTopicOrPartition ? ErrorCode.NotLeaderOrFollower : row.ErrorCode;
                items.Take(asked[0], error, null, static () => true);
            },
            cancellation, mostPerRequest: 1, mayRepeat: false));
    }

    /// <summary>
    /// Ends the transactions of transactional ids whatever their producers do, also those that are prepared in two phases (KIP-939): what is open is
    /// aborted, and the producers are fenced.
    /// </summary>
    /// <param name="transactionalIds">The ids; none succeeds without a request. One that nobody uses comes to be by this.</param>
    /// <param name="cancellation">Ends the wait; they may be ended all the same.</param>
    /// <returns>The outcome for each id, in the order given; it succeeds once nothing is open.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> ForceTerminateTransactionsAsync(IEnumerable<string> transactionalIds, CancellationToken cancellation = default)
    {
        var items = TransactionalIds<bool>(transactionalIds, static id => $"The transaction of '{id}' could not be ended");
        return Outcomes(Fence(items, static _ => true, cancellation));
    }

    /// <summary>Fences the producers of transactional ids: they are refused from then on, and what they have open is aborted (KIP-664).</summary>
    /// <param name="transactionalIds">The ids; none succeeds without a request. One that nobody uses comes to be by this.</param>
    /// <param name="cancellation">Ends the wait; they may be fenced all the same.</param>
    /// <returns>For each id, in the order given, what it has now, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, FencedProducer>>> FenceProducersAsync(IEnumerable<string> transactionalIds, CancellationToken cancellation = default)
    {
        var items = TransactionalIds<FencedProducer>(transactionalIds, static id => $"The producers of '{id}' could not be fenced");
        return Fence(items, static answer => new FencedProducer(answer.ProducerId, answer.ProducerEpoch), cancellation);
    }

    /// <summary>A producer that comes anew under an id fences those before it, and waits until their transaction has ended.</summary>
    ValueTask<IReadOnlyList<ItemResult<string, TValue>>> Fence<TValue>(AdminItems<string, TValue> items, Func<InitProducerIdResponse, TValue> valueOf, CallScope scope) =>
        AskEach<string, TValue, InitProducerIdRequest, InitProducerIdResponse>(
            items, ToTransactionCoordinator(),
            (_, ids) => new InitProducerIdRequest
            {
                TransactionalId = ids[0], TransactionTimeoutMs = (int)FencingTimeout.TotalMilliseconds, ProducerId = -1, ProducerEpoch = -1,
            },
            (answer, ids, _) => items.Take(ids[0], answer.ErrorCode, null, () => valueOf(answer)),
            scope, mostPerRequest: 1);

    AdminItems<string, TValue> TransactionalIds<TValue>(IEnumerable<string> transactionalIds, Func<string, string> what)
    {
        var items = Items<string, TValue>(transactionalIds, what, StringComparer.Ordinal);
        FailMistakes(items, static id => id.Length == 0 ? "a transactional id is not empty" : null);
        return items;
    }

    static CoordinatorRoute<string> ToTransactionCoordinator() => new(static id => CoordinatorKey.Transaction(id));
}
