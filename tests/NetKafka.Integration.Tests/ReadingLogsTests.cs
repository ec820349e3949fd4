using System.Globalization;
using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Records;

namespace NetKafka.Integration.Tests;

/// <summary>Logs that are more than records one behind the other, as brokers make them, read by our consumer.</summary>
[Trait("Area", "Consumer")]
public sealed class ReadingLogsTests(KafkaClusters clusters)
{
    const string Mark = "mark";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static ConsumerOptions Options(string? group = null) => new() { GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest };

    /// <summary>The transaction that a killed producer leaves open holds up those who read what is committed until the coordinator has aborted it.</summary>
    [Fact]
    public async Task Transactions_of_Javas_producer_are_read_as_Java_reads_them_though_one_was_killed_in_the_middle()
    {
        const int Partitions = 2;
        const int Committed = 5_000;
        await using var cluster = await clusters.OwnAtTransactionVersion(KafkaRelease.Newest, level: 2, cancellation: Cancellation);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        TopicPartition[] partitions = [.. Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition))];
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await cluster.Tools.TransactionalPerf(topic, cluster.NewName("perf"), Committed, throughput: 5_000, millisecondsOfOne: 100, cancellation: Cancellation);
        await using (var java = cluster.Tools.StartTransactionalPerf(topic, cluster.NewName("perf"), throughput: 1_000, millisecondsOfOne: 4_000, timeoutMs: 5_000))
        {
            await using var uncommitted = kafka.CreateConsumer<string?, string>(Options());
            await uncommitted.AssignAsync(partitions, Cancellation);
            await uncommitted.TakeUntil(records => records.Count > Committed, "records of a transaction that is open", Cancellation);
            await java.Lines(Cancellation);
        }
        await using (var producer = kafka.CreateProducer<string, string>())
        {
            foreach (var partition in partitions)
                await producer.ProduceAsync(new ProducerRecord<string, string>(topic, Mark, Mark) { Partition = partition.Partition }, Cancellation);
        }
        var options = Options();
        options.IsolationLevel = IsolationLevel.ReadCommitted;
        await using var consumer = kafka.CreateConsumer<string?, string>(options);
        await consumer.AssignAsync(partitions, Cancellation);

        var read = await consumer.TakeUntil(records => records.Count(static record => record.Value == Mark) == Partitions, "the marks", Cancellation);
        Assert.True(read.Count >= Committed + Partitions);
        Assert.Equal(
            (await cluster.Tools.ConsoleConsume(topic, read.Count, consumerProperties: ["isolation.level=read_committed"], cancellation: Cancellation)).Order(StringComparer.Ordinal),
            read.Select(static record => record.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Compacted_topic_is_read_up_to_its_end_and_the_last_of_each_key_is_never_left_out()
    {
        const int Keys = 20;
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(1, settings: TopicSettings.SoonCompacted, cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string, string>();
        await using var reader = kafka.CreateConsumer<string, string>(Options(cluster.NewName("group")));
        var partition = new TopicPartition(topic, 0);
        var (round, end, read) = (0, 0L, new List<ReadRecord<string, string>>());
        // Whoever writes after the time of a segment begins another, and the cleaner takes those that are closed.
        await Wait.Until(
            async () =>
            {
                round++;
                for (var key = 0; key < Keys; key++)
                    end = (await producer.ProduceAsync(new ProducerRecord<string, string>(topic, $"{key}", $"{round}"), Cancellation)).Offset + 1;
                await reader.AssignAsync([new TopicPartitionOffset(partition, 0)], Cancellation);
                await reader.SeekAsync(new TopicPartitionOffset(partition, 0), Cancellation);
                read = await reader.TakeUntil(records => records[^1].Offset == end - 1, "all of the log", Cancellation);
                return read.Count < end - 2 * Keys;
            },
            "the log is compacted", Cancellation);

        Assert.Equal(read.Select(static record => record.Offset).Order().Distinct(), read.Select(static record => record.Offset));
        Assert.All(read.GroupBy(static record => record.Key), records => Assert.Equal($"{round}", records.Last().Value));
        Assert.Equal(Keys, read.Select(static record => record.Key).Distinct().Count());
        Assert.Equal(end, reader.Position(partition));
        await reader.CommitAsync(Cancellation);
        Assert.Equal(end, Assert.Single(await reader.CommittedAsync([partition], Cancellation)).Offset);
    }

    [Fact]
    public async Task Time_of_a_record_is_the_brokers_where_the_topic_says_so()
    {
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(1, settings: new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" }, cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string, string>();
        var begin = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1);
        var written = await producer.ProduceAsync(
            new ProducerRecord<string, string>(topic, "k", "v") { Timestamp = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero) }, Cancellation);
        await using var consumer = kafka.CreateConsumer<string, string>(Options());
        await consumer.AssignAsync([new TopicPartition(topic, 0)], Cancellation);

        await foreach (var record in consumer.ReadAllAsync(Cancellation))
        {
            Assert.Equal((TimestampType.LogAppendTime, written.Timestamp), (record.TimestampType, record.Timestamp));
            Assert.InRange(record.Timestamp, begin, DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1));
            break;
        }
    }

    [Theory]
    [InlineData("earliest")]
    [InlineData("latest")]
    [InlineData("none")]
    public async Task Where_records_were_deleted_reading_goes_on_as_the_policy_says(string policy)
    {
        const int Records = 100;
        const int Deleted = 60;
        var reset = AutoOffsetReset.Parse(policy, CultureInfo.InvariantCulture);
        var cluster = await clusters.Shared();
        var (topic, group) = (await cluster.CreateTopic(1, cancellation: Cancellation), cluster.NewName("group"));
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string, int>();
        for (var i = 0; i < Records; i++)
            await producer.ProduceAsync(topic, "k", i, Cancellation);
        var options = Options(group);
        (options.Topics, options.AutoOffsetReset) = ([topic], reset);
        await using (var first = kafka.CreateConsumer<string, int>(Options(group)))
        {
            await first.AssignAsync([new TopicPartition(topic, 0)], Cancellation);
            await first.Take(10, Cancellation);
            await first.CommitAsync(Cancellation);
        }
        await cluster.Tools.DeleteRecords(topic, 0, Deleted, Cancellation);
        await using var consumer = kafka.CreateConsumer<string, int>(options);

        if (reset == AutoOffsetReset.None)
        {
            var refused = await Assert.ThrowsAnyAsync<KafkaException>(() => consumer.Take(1, Cancellation));
            Assert.Equal((ErrorCode.OffsetOutOfRange, new TopicPartition(topic, 0)), (refused.Code, refused.Partition));
            return;
        }
        var reading = consumer.Take(1, Cancellation);
        if (reset == AutoOffsetReset.Latest)
        {
            await Wait.Until(() => consumer.Position(new TopicPartition(topic, 0)) == Records, "the position is the end", Cancellation);
            await producer.ProduceAsync(topic, "k", Records, Cancellation);
        }
        Assert.Equal(reset == AutoOffsetReset.Earliest ? Deleted : Records, Assert.Single(await reading).Value);
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Topic_that_is_deleted_and_made_again_is_read_from_its_beginning(GroupProtocol protocol)
    {
        const int Partitions = 2;
        var cluster = await clusters.Shared();
        var (topic, group) = (cluster.NewName("topic"), cluster.NewName("group"));
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = cluster.BootstrapServers, MetadataMaxAge = TimeSpan.FromSeconds(1) });
        await using var admin = kafka.CreateAdmin();
        await admin.CreateTopicAsync(topic, Partitions, cancellation: Cancellation);
        await ProduceAsync(50);
        var options = Options(group);
        (options.Topics, options.GroupProtocol) = ([topic], protocol);
        await using var consumer = kafka.CreateConsumer<string, int>(options);
        await consumer.Take(50, Cancellation);
        await consumer.CommitAsync(Cancellation);
        // The loop goes on while the topic is gone, and what it reads is the new one's.
        var reading = consumer.TakeUntil(static records => records.Count == 30, "the records of the new topic", Cancellation);
        Assert.Null(Assert.Single(await admin.DeleteTopicsAsync([topic], Cancellation)).Error);
        await Wait.Until(
            async () => (await admin.CreateTopicsAsync([new NewTopic(topic, Partitions)], cancellation: Cancellation))[0].Error?.Code is null,
            "the topic is made again", Cancellation);
        await ProduceAsync(30);

        var read = await reading;
        Assert.Equal(Enumerable.Range(0, 30), read.Select(static record => record.Value).Order());
        Assert.All(read.GroupBy(static record => record.Partition), static records =>
            Assert.Equal(Enumerable.Range(0, records.Count()).Select(static offset => (long)offset), records.Select(static record => record.Offset)));

        async Task ProduceAsync(int count)
        {
            await using var writer = new KafkaClient(cluster.BootstrapServers);
            await using var producer = writer.CreateProducer<string, int>();
            for (var i = 0; i < count; i++)
                await producer.ProduceAsync(topic, i.ToString(CultureInfo.InvariantCulture), i, Cancellation);
        }
    }
}
