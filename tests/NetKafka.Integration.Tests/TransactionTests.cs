using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Integration.Tests;

/// <summary>Transactions on real brokers, of both versions; what shows of them Java's consumer of committed records tells.</summary>
[Trait("Area", "Transactions")]
public sealed class TransactionTests(KafkaClusters clusters)
{
    const string ReadCommitted = "isolation.level=read_committed";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Java_reads_committed_transactions_whole_and_nothing_of_aborted_ones(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(partitions: 3, cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = cluster.NewName("txn") });
        for (var round = 0; round < 6; round++)
        {
            await producer.BeginTransactionAsync(Cancellation);
            for (var i = 0; i < 10; i++)
                await producer.PostAsync(new ProducerRecord<string, string>(topic, $"{i}", $"{round}"), cancellation: Cancellation);
            if (round % 2 == 0)
                await producer.CommitTransactionAsync(Cancellation);
            else
                await producer.AbortTransactionAsync(Cancellation);
        }

        var lines = await cluster.Tools.ConsoleConsume(topic, 30, consumerProperties: [ReadCommitted], cancellation: Cancellation);
        Assert.Equal(["0", "2", "4"], lines.Distinct().Order());
        Assert.All(lines.CountBy(static line => line), static count => Assert.Equal(10, count.Value));
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Older_of_two_producers_of_one_name_is_fenced_and_none_of_its_writes_shows(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var options = new ProducerOptions { TransactionalId = cluster.NewName("txn") };
        await using var older = kafka.CreateProducer<string, string>(options);
        await older.BeginTransactionAsync(Cancellation);
        await older.ProduceAsync(topic, "k", "old", Cancellation);
        await using var newer = kafka.CreateProducer<string, string>(options);
        await newer.BeginTransactionAsync(Cancellation);
        await newer.ProduceAsync(topic, "k", "new", Cancellation);
        await newer.CommitTransactionAsync(Cancellation);

        await Assert.ThrowsAnyAsync<KafkaException>(async () =>
        {
            await older.ProduceAsync(topic, "k", "old again", Cancellation);
            await older.CommitTransactionAsync(Cancellation);
        });
        var over = await Assert.ThrowsAsync<TransactionException>(async () => await older.AbortTransactionAsync(Cancellation));
        Assert.Equal((TransactionRemedy.None, true), (over.Remedy, over.IsFatal));
        Assert.Contains(options.TransactionalId, over.Message, StringComparison.Ordinal);

        Assert.Equal(["new"], await cluster.Tools.ConsoleConsume(topic, 1, consumerProperties: [ReadCommitted], cancellation: Cancellation));
    }

    [Theory]
    [InlineData(KafkaRelease.Newest, 2)]
    [InlineData(KafkaRelease.Newest, 1)]
    [InlineData(KafkaRelease.Older, 0)]
    public async Task After_a_pause_past_its_timeout_a_transaction_is_aborted_and_the_error_says_what_helps(string version, int level)
    {
        await using var cluster = await clusters.OwnAtTransactionVersion(version, level, cancellation: Cancellation);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        foreach (var call in new[] { "send", "commit", "abort" })
        {
            await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions
            {
                TransactionalId = cluster.NewName("txn"), TransactionTimeout = TimeSpan.FromSeconds(2),
            });
            await producer.BeginTransactionAsync(Cancellation);
            await producer.ProduceAsync(topic, "k", "too slow", Cancellation);
            await WaitForTheEndOfAll(cluster, kafka, topic, call);

            if (level == 2)
            {
                await Goes(call, producer, topic);
                await producer.BeginTransactionAsync(Cancellation);
                await producer.ProduceAsync(topic, "k", $"after {call}", Cancellation);
                await producer.CommitTransactionAsync(Cancellation);
                continue;
            }
            var over = await Assert.ThrowsAsync<TransactionException>(async () =>
            {
                try
                {
                    await Fails(call, producer, topic);
                }
                catch (TransactionException failed) when (failed.Remedy == TransactionRemedy.Abort)
                {
                    // A leader alone cannot tell why it knows another epoch.
                }
                await producer.AbortTransactionAsync(Cancellation);
            });
            Assert.Equal((TransactionRemedy.None, true), (over.Remedy, over.IsFatal));
            Assert.Contains("TransactionTimeout", over.Message, StringComparison.Ordinal);
        }
        string[] expected = level == 2 ? ["send", "after send", "commit", "after commit", "abort", "after abort"] : ["send", "commit", "abort"];
        Assert.Equal(expected, await cluster.Tools.ConsoleConsume(topic, expected.Length, consumerProperties: [ReadCommitted], cancellation: Cancellation));
    }

    [Theory]
    [InlineData(KafkaRelease.Newest, 2)]
    [InlineData(KafkaRelease.Newest, 1)]
    [InlineData(KafkaRelease.Older, 0)]
    public async Task Late_end_of_one_transaction_tears_nothing_of_the_next(string version, int level)
    {
        await using var cluster = await clusters.OwnAtTransactionVersion(version, level, cancellation: Cancellation);
        var topic = await cluster.CreateTopic(partitions: 3, cancellation: Cancellation);
        var held = new HeldRequests(ApiKey.EndTxn);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = cluster.BootstrapServers, ConnectCallback = held.ConnectAsync });
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = cluster.NewName("txn") });
        await producer.BeginTransactionAsync(Cancellation);
        await producer.ProduceAsync(topic, "k", "first", Cancellation);
        await producer.CommitTransactionAsync(Cancellation);
        Assert.True(held.Held.IsCompleted);

        await producer.BeginTransactionAsync(Cancellation);
        await producer.ProduceAsync(topic, "k", "torn", Cancellation);
        await held.Release(Cancellation);
        await producer.ProduceAsync(topic, "k", "torn", Cancellation);
        await producer.AbortTransactionAsync(Cancellation);
        await producer.BeginTransactionAsync(Cancellation);
        await producer.ProduceAsync(topic, "k", "last", Cancellation);
        await producer.CommitTransactionAsync(Cancellation);

        Assert.Equal(["first", "last"], await cluster.Tools.ConsoleConsume(topic, 2, consumerProperties: [ReadCommitted], cancellation: Cancellation));
    }

    /// <summary>What is written behind a transaction can be read once that has ended.</summary>
    static async Task WaitForTheEndOfAll(KafkaCluster cluster, KafkaClient kafka, string topic, string mark)
    {
        await using var plain = kafka.CreateProducer<string, string>();
        var behind = await plain.ProduceAsync(topic, "k", mark, Cancellation);
        await using var reader = kafka.CreateConsumer<string, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await reader.AssignAsync([new TopicPartitionOffset(topic, behind.Partition, behind.Offset)], Cancellation);
        Assert.Equal(mark, Assert.Single(await reader.Take(1, Cancellation)).Value);
    }

    /// <summary>On version 2 nothing of it ends the producer.</summary>
    static async Task Goes(string call, Producer<string, string> producer, string topic)
    {
        if (call != "abort")
        {
            var failed = await Assert.ThrowsAsync<TransactionException>(() => Fails(call, producer, topic));
            Assert.Equal((TransactionRemedy.Abort, false), (failed.Remedy, failed.IsFatal));
        }
        await producer.AbortTransactionAsync(Cancellation);
    }

    static async Task Fails(string call, Producer<string, string> producer, string topic)
    {
        if (call == "send")
            await producer.PostAsync(new ProducerRecord<string, string>(topic, "k", "too late"), cancellation: Cancellation);
        if (call != "abort")
            await producer.CommitTransactionAsync(Cancellation);
    }
}
