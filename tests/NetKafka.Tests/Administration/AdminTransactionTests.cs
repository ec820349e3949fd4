using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Transactions and the producers of partitions, against the embedded Kafka.</summary>
public sealed class AdminTransactionTests : AdminScene
{
    static readonly TopicPartition Partition = new("payments", 1);

    [Fact]
    public async Task Transactional_ids_are_listed_from_all_brokers_and_filtered()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await using var open = await BeginAsync("open");
        foreach (var id in (string[])["done-a", "done-b", "done-c", "done-d"])
        {
            await using var done = await BeginAsync(id);
            await done.CommitTransactionAsync(Cancellation);
        }
        Assert.Equal(
            ["done-a:CompleteCommit", "done-b:CompleteCommit", "done-c:CompleteCommit", "done-d:CompleteCommit", "open:Ongoing"],
            (await Admin.ListTransactionsAsync(cancellation: Cancellation)).GetOrThrow().Select(static listing => $"{listing.TransactionalId}:{listing.State}"));
        Assert.Equal(["open"], await IdsAsync(new TransactionFilter { States = [TransactionState.Ongoing] }));
        Assert.Equal(["done-a", "done-c"], await IdsAsync(new TransactionFilter { TransactionalIdPattern = "done-[ac]" }));
        Assert.Empty(await IdsAsync(new TransactionFilter { TransactionalIdPattern = "done" }));
        Assert.Empty(await IdsAsync(new TransactionFilter { MinDuration = TimeSpan.FromHours(1) }));
        var producer = Assert.Single((await Admin.ListTransactionsAsync(new TransactionFilter { TransactionalIdPattern = "open" }, Cancellation)).Items).ProducerId;
        Assert.Equal(["open"], await IdsAsync(new TransactionFilter { ProducerIds = [producer] }));

        var refused = await Admin.ListTransactionsAsync(new TransactionFilter { TransactionalIdPattern = "(" }, Cancellation);
        Assert.Equal([1, 2, 3], refused.Failures.Select(static failure => failure.Item));
        Assert.All(refused.Failures, static failure => Assert.Equal(ErrorCode.InvalidRegularExpression, failure.Error!.Code));
        await Assert.ThrowsAsync<ArgumentException>(() => Admin.ListTransactionsAsync(new TransactionFilter { States = [TransactionState.Unknown] }, Cancellation).AsTask());
    }

    [Fact]
    public async Task Transaction_is_described_by_its_coordinator_and_its_producer_by_the_partition()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await using var producer = await BeginAsync("payer");
        var described = await Admin.DescribeTransactionsAsync(["payer", "nobody", ""], Cancellation);
        var transaction = described[0].GetOrThrow();
        Assert.Equal((TransactionState.Ongoing, TimeSpan.FromMinutes(1)), (transaction.State, transaction.Timeout));
        Assert.Equal([Partition], transaction.Partitions);
        Assert.NotNull(transaction.StartTime);
        Assert.NotNull(transaction.Coordinator);
        Assert.Equal(
            [ErrorCode.TransactionalIdNotFound, ErrorCode.InvalidRequest], described.Skip(1).Select(static result => result.Error!.Code));

        var producers = await Admin.DescribeProducersAsync([Partition, new("payments", 0), new("payments", 9)], cancellation: Cancellation);
        var state = Assert.Single(producers[0].GetOrThrow());
        Assert.Equal((transaction.ProducerId, transaction.ProducerEpoch, 0, 0L), (state.ProducerId, state.ProducerEpoch, state.LastSequence, state.TransactionStartOffset));
        Assert.Null(state.CoordinatorEpoch);
        Assert.Empty(producers[1].GetOrThrow());
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, producers[2].Error!.Code);

        await producer.CommitTransactionAsync(Cancellation);
        transaction = Assert.Single(await Admin.DescribeTransactionsAsync(["payer"], Cancellation)).GetOrThrow();
        Assert.Equal(TransactionState.CompleteCommit, transaction.State);
        Assert.Null(transaction.StartTime);
        Assert.Empty(transaction.Partitions);
        Assert.Null(Assert.Single(Assert.Single(await Admin.DescribeProducersAsync([Partition], cancellation: Cancellation)).GetOrThrow()).TransactionStartOffset);
    }

    [Fact]
    public async Task Replica_that_is_asked_for_tells_of_producers_and_a_broker_without_one_is_an_error()
    {
        await Admin.CreateTopicsAsync([new NewTopic("payments") { Assignments = new Dictionary<int, IReadOnlyList<int>> { [0] = [1, 2], [1] = [2, 1] } }], cancellation: Cancellation);
        await using var producer = await BeginAsync("payer");
        Assert.Single(Assert.Single(await Admin.DescribeProducersAsync([Partition], brokerId: 1, Cancellation)).GetOrThrow());
        Assert.Equal(ErrorCode.NotLeaderOrFollower, Assert.Single(await Admin.DescribeProducersAsync([Partition], brokerId: 3, Cancellation)).Error!.Code);
    }

    [Fact]
    public async Task Transaction_that_holds_up_a_partition_is_aborted_there()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await using var producer = await BeginAsync("payer");
        Assert.Equal(0, await CommittedEndAsync());
        var state = Assert.Single(Assert.Single(await Admin.DescribeProducersAsync([Partition], cancellation: Cancellation)).GetOrThrow());
        var transaction = state.In(Partition);
        var outcomes = await Admin.AbortTransactionsAsync(
            [transaction with { ProducerEpoch = (short)(transaction.ProducerEpoch - 1) }, transaction with { Partition = new("payments", 9) }, transaction], Cancellation);
        Assert.Equal([ErrorCode.InvalidRequest, ErrorCode.UnknownTopicOrPartition, ErrorCode.None], outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Equal(2, await CommittedEndAsync());

        await Admin.FenceProducersAsync(["payer"], Cancellation);
        await using var next = await BeginAsync("payer");
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Assert.Single(await Admin.AbortTransactionsAsync([transaction], Cancellation)).Error!.Code);
    }

    [Fact]
    public async Task Producers_of_an_id_are_fenced_and_their_open_transaction_is_aborted()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await using var producer = await BeginAsync("payer");
        var before = Assert.Single(await Admin.DescribeTransactionsAsync(["payer"], Cancellation)).GetOrThrow();
        var fenced = await Admin.FenceProducersAsync(["payer", "new", ""], Cancellation);
        Assert.Equal(before.ProducerId, fenced[0].GetOrThrow().ProducerId);
        Assert.True(fenced[0].GetOrThrow().ProducerEpoch > before.ProducerEpoch);
        Assert.True(fenced[1].Succeeded);
        Assert.Equal(ErrorCode.InvalidRequest, fenced[2].Error!.Code);
        Assert.Equal(2, await CommittedEndAsync());
        await Assert.ThrowsAnyAsync<KafkaException>(() => producer.CommitTransactionAsync(Cancellation).AsTask());
    }

    [Fact]
    public async Task Transaction_is_ended_by_force()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await using var producer = await BeginAsync("payer");
        Assert.All(await Admin.ForceTerminateTransactionsAsync(["payer"], Cancellation), static outcome => outcome.EnsureSuccess());
        Assert.Equal(2, await CommittedEndAsync());
        Assert.NotEqual(TransactionState.Ongoing, Assert.Single(await Admin.DescribeTransactionsAsync(["payer"], Cancellation)).GetOrThrow().State);
    }

    [Fact]
    public async Task Nothing_to_describe_abort_or_fence_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.DescribeTransactionsAsync([], Cancellation));
        Assert.Empty(await admin.DescribeProducersAsync([], cancellation: Cancellation));
        Assert.Empty(await admin.AbortTransactionsAsync([], Cancellation));
        Assert.Empty(await admin.ForceTerminateTransactionsAsync([], Cancellation));
        Assert.Empty(await admin.FenceProducersAsync([], Cancellation));
    }

    async Task<IEnumerable<string>> IdsAsync(TransactionFilter filter) =>
        (await Admin.ListTransactionsAsync(filter, Cancellation)).GetOrThrow().Select(static listing => listing.TransactionalId);

    async Task<long> CommittedEndAsync() => Assert.Single(await Admin.ListOffsetsAsync(
        new Dictionary<TopicPartition, OffsetSpec> { [Partition] = OffsetSpec.Latest }, IsolationLevel.ReadCommitted, Cancellation)).GetOrThrow().Offset;

    /// <summary>A producer with one record in its open transaction.</summary>
    async Task<Producer<string, string>> BeginAsync(string transactionalId)
    {
        var producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = transactionalId });
        await producer.InitTransactionsAsync(Cancellation);
        await producer.BeginTransactionAsync(Cancellation);
        await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", "v") { Partition = Partition.Partition }, Cancellation);
        return producer;
    }
}
