using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Integration.Tests;

/// <summary>What an admin sees and does of transactions, as Java's tools show it.</summary>
[Trait("Area", "Admin")]
public sealed class AdminTransactionTests(KafkaClusters clusters)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Transactions_are_what_Java_shows_before_and_after_they_are_ended(string version)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var partition = new TopicPartition(await cluster.CreateTopic(2, cancellation: Cancellation), 1);
        var id = cluster.NewName("payer");
        await using var producer = await BeginAsync(kafka, id, partition);

        var listed = Assert.Single((await admin.ListTransactionsAsync(new TransactionFilter { States = [TransactionState.Ongoing] }, Cancellation)).GetOrThrow(), listing => listing.TransactionalId == id);
        Assert.Contains((await Tool(cluster, "list")).Select(Columns), columns => columns.Contains(id) && columns.Contains($"{listed.ProducerId}") && columns.Contains("Ongoing"));
        Assert.DoesNotContain((await admin.ListTransactionsAsync(new TransactionFilter { MinDuration = TimeSpan.FromHours(1) }, Cancellation)).GetOrThrow(), listing => listing.TransactionalId == id);
        if (version == KafkaRelease.Newest)
        {
            Assert.Equal(id, Assert.Single((await admin.ListTransactionsAsync(new TransactionFilter { TransactionalIdPattern = id[..^1] + "." }, Cancellation)).GetOrThrow()).TransactionalId);
            var refusals = (await admin.ListTransactionsAsync(new TransactionFilter { TransactionalIdPattern = "(" }, Cancellation)).Failures;
            Assert.NotEmpty(refusals);
            Assert.All(refusals, static failure => Assert.Equal(ErrorCode.InvalidRegularExpression, failure.Error!.Code));
        }
        else
            Assert.Equal(ErrorCode.UnsupportedVersion, Assert.Single((await admin.ListTransactionsAsync(new TransactionFilter { TransactionalIdPattern = "a" }, Cancellation)).Failures).Error!.Code);

        var described = await admin.DescribeTransactionsAsync([id, id + "-none", ""], Cancellation);
        var transaction = described[0].GetOrThrow();
        Assert.Equal((TransactionState.Ongoing, listed.ProducerId), (transaction.State, transaction.ProducerId));
        Assert.Equal([partition], transaction.Partitions);
        Assert.NotNull(transaction.StartTime);
        Assert.Equal([ErrorCode.TransactionalIdNotFound, ErrorCode.InvalidRequest], described.Skip(1).Select(static result => result.Error!.Code));

        var missing = await admin.DescribeProducersAsync([new(partition.Topic, 7), new(partition.Topic + "-none", 0)], cancellation: Cancellation);
        Assert.All(missing, static result => Assert.Equal(ErrorCode.UnknownTopicOrPartition, result.Error!.Code));
        var state = Assert.Single(await ProducersAsync(admin, partition));
        Assert.Equal((transaction.ProducerId, transaction.ProducerEpoch, 0L), (state.ProducerId, state.ProducerEpoch, state.TransactionStartOffset));
        var refused = await admin.AbortTransactionsAsync(
            [state.In(partition) with { Partition = new(partition.Topic, 7) }, state.In(partition) with { ProducerEpoch = -1 }], Cancellation);
        Assert.Equal([ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest], refused.Select(static outcome => outcome.Error!.Code));
        var fencing = await admin.FenceProducersAsync([id, ""], Cancellation);
        var fenced = fencing[0].GetOrThrow();
        Assert.Equal(ErrorCode.InvalidRequest, fencing[1].Error!.Code);
        Assert.True(fenced.ProducerEpoch > transaction.ProducerEpoch);
        await Assert.ThrowsAnyAsync<KafkaException>(() => producer.CommitTransactionAsync(Cancellation).AsTask());
        var shown = Columns((await Tool(cluster, "describe", "--transactional-id", id))[^1]);
        // Fencing begins the id anew, with nothing in it.
        Assert.Equal([id, $"{fenced.ProducerId}", $"{fenced.ProducerEpoch}", "Empty"], shown[1..5]);

        Assert.Equal(ErrorCode.InvalidProducerEpoch, Assert.Single(await admin.AbortTransactionsAsync([state.In(partition)], Cancellation)).Error!.Code);
        await using var next = await BeginAsync(kafka, id, partition);
        Assert.Equal(2, await CommittedEndAsync(admin, partition));
        var ended = await admin.ForceTerminateTransactionsAsync([id, ""], Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidRequest], ended.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Equal(4, await CommittedEndAsync(admin, partition));
        Assert.Equal("Empty", Columns((await Tool(cluster, "describe", "--transactional-id", id))[^1])[4]);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Transaction_that_holds_up_a_partition_is_aborted_there_as_Java_shows(string version)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var partition = new TopicPartition(await cluster.CreateTopic(2, cancellation: Cancellation), 1);
        await using var producer = await BeginAsync(kafka, cluster.NewName("payer"), partition);
        Assert.Equal(0, await CommittedEndAsync(admin, partition));
        var state = Assert.Single(await ProducersAsync(admin, partition));
        Assert.True(Assert.Single(await admin.AbortTransactionsAsync([state.In(partition)], Cancellation)).Succeeded);
        Assert.Equal(2, await CommittedEndAsync(admin, partition));
        Assert.Contains(
            (await Tool(cluster, "describe-producers", "--topic", partition.Topic, "--partition", "1")).Select(Columns),
            columns => columns.Contains($"{state.ProducerId}") && columns[^1] == "None");
        await producer.AbortTransactionAsync(Cancellation);
    }

    static async Task<IReadOnlyList<ProducerState>> ProducersAsync(Admin admin, TopicPartition partition) =>
        Assert.Single(await admin.DescribeProducersAsync([partition], cancellation: Cancellation)).GetOrThrow();

    static async Task<long> CommittedEndAsync(Admin admin, TopicPartition partition) => Assert.Single(await admin.ListOffsetsAsync(
        new Dictionary<TopicPartition, OffsetSpec> { [partition] = OffsetSpec.Latest }, IsolationLevel.ReadCommitted, Cancellation)).GetOrThrow().Offset;

    static async Task<IReadOnlyList<string>> Tool(KafkaCluster cluster, params string[] arguments) => (await cluster.Tools.Transactions(arguments, Cancellation)).Lines;

    static string[] Columns(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A producer with one record in its open transaction.</summary>
    static async Task<Producer<string, string>> BeginAsync(KafkaClient kafka, string id, TopicPartition partition)
    {
        var producer = kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = id });
        await producer.InitTransactionsAsync(Cancellation);
        await producer.BeginTransactionAsync(Cancellation);
        await producer.ProduceAsync(new ProducerRecord<string, string>(partition.Topic, "k", "v") { Partition = partition.Partition }, Cancellation);
        return producer;
    }
}
