using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol.Records;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>The main job, the same on every target: produce, consume in a group, commit, replay.</summary>
public abstract class PaymentScenarios
{
    const int Partitions = 3;
    const int Payments = 60;

    static readonly DateTimeOffset FirstTime = new(2024, 5, 17, 8, 30, 0, TimeSpan.Zero);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<KafkaTarget> Target();

    [Fact, Trait("Area", "Consumer")]
    public async Task Next_member_continues_where_the_last_one_has_finished()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(Partitions, cancellation: Cancellation);
        var group = target.NewName("group");
        await using var kafka = target.Connect();
        await Produce(kafka, topic);

        var read = new List<ReadRecord<int, string>>();
        for (var part = 0; part < 4; part++)
        {
            await using var consumer = kafka.CreateConsumer<int, string>(Member(group, topic));
            read.AddRange(await consumer.Take(Payments / 4, Cancellation));
        }

        Assert.Equal(Enumerable.Range(0, Payments), read.Select(record => record.Key).Order());
        Assert.All(read.GroupBy(record => record.Partition), records =>
            Assert.Equal(Enumerable.Range(0, records.Count()).Select(offset => (long)offset), records.Select(record => record.Offset)));
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Records_keep_the_order_of_their_calls_though_none_was_awaited()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        // The first producer meets a topic that nobody knows, the second one that its client knows.
        for (var first = 0L; first < 2_000; first += 1_000)
        {
            await using var producer = kafka.CreateProducer<int, int>(new ProducerOptions { BatchSize = 1_024, BufferMemory = 4_096 });
            var sent = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => producer.ProduceAsync(topic, i, i, Cancellation).AsTask()));

            Assert.Equal(Enumerable.Range(0, 1_000).Select(i => first + i), sent.Select(metadata => metadata.Offset));
        }
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Record_that_was_not_finished_is_read_again()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        var group = target.NewName("group");
        await using var kafka = target.Connect();
        await Produce(kafka, topic);

        await using (var consumer = kafka.CreateConsumer<int, string>(Member(group, topic)))
        {
            await foreach (var record in consumer.ReadAllAsync(Cancellation))
            {
                if (record.Offset == 9)
                    break;
            }
        }
        await using var next = kafka.CreateConsumer<int, string>(Member(group, topic));
        var first = Assert.Single(await next.Take(1, Cancellation));

        Assert.Equal(9, first.Offset);
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Explicit_commit_counts_and_what_came_after_it_does_not()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        var group = target.NewName("group");
        await using var kafka = target.Connect();
        await Produce(kafka, topic);
        var options = Member(group, topic);
        options.EnableAutoCommit = false;

        await using (var consumer = kafka.CreateConsumer<int, string>(options))
        {
            await consumer.Take(20, Cancellation);
            await consumer.CommitAsync(new TopicPartitionOffset(topic, 0, 20), Cancellation);
            await consumer.Take(10, Cancellation);
        }
        await using var next = kafka.CreateConsumer<int, string>(options);

        Assert.Equal(20, Assert.Single(await next.Take(1, Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Seek_to_a_moment_replays_what_was_written_from_then_on()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(Partitions, cancellation: Cancellation);
        await using var kafka = target.Connect();
        await Produce(kafka, topic);
        await using var consumer = kafka.CreateConsumer<int, string>(Member(target.NewName("group"), topic));
        await consumer.Take(Payments, Cancellation);

        // Between the times of payments 39 and 40.
        await consumer.SeekToTimeAsync(FirstTime.AddMinutes(39).AddMilliseconds(1), cancellation: Cancellation);
        var again = await consumer.Take(Payments - 40, Cancellation);
        await consumer.SeekToBeginningAsync(cancellation: Cancellation);
        var all = await consumer.Take(Payments, Cancellation);
        await consumer.SeekToTimeAsync(FirstTime.AddDays(1), cancellation: Cancellation);

        Assert.Equal(Enumerable.Range(40, Payments - 40), again.Select(record => record.Key).Order());
        Assert.All(again, record => Assert.Equal(FirstTime.AddMinutes(record.Key).ToUnixTimeMilliseconds(), record.TimestampMs));
        Assert.Equal(Enumerable.Range(0, Payments), all.Select(record => record.Key).Order());
        var ends = await consumer.EndOffsetsAsync(consumer.Assignment, Cancellation);
        Assert.All(ends, end => Assert.Equal(end.Offset, consumer.Position(end.TopicPartition)));
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Null_and_empty_come_back_as_they_were()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string?, byte[]?>();
        var headers = new[] { Header.Null("null"), Header.FromText("empty", ""), Header.FromText("twice", "1"), Header.FromText("twice", "zwölf") };

        await producer.ProduceAsync(topic, null, null, Cancellation);
        await producer.ProduceAsync(topic, "", [], Cancellation);
        await producer.ProduceAsync(new ProducerRecord<string?, byte[]?>(topic, "key", [0, 255]) { Headers = headers }, Cancellation);
        await using var consumer = kafka.CreateConsumer<string?, byte[]?>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition(topic, 0)], Cancellation);
        var read = await consumer.Take(3, Cancellation);

        Assert.Equal([null, "", "key"], read.Select(record => record.Key));
        Assert.Equal([null, [], [0, 255]], read.Select(record => record.Value));
        Assert.Equal([[], [], [new("null", null), new("empty", ""), new("twice", "1"), new("twice", "zwölf")]], read.Select(record => record.Headers));
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Wait_for_records_can_be_cancelled_and_the_next_loop_goes_on()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var consumer = kafka.CreateConsumer<int, string>(Member(target.NewName("group"), topic));
        using var cancel = new CancellationTokenSource();

        var waiting = consumer.Take(1, cancel.Token);
        await cancel.CancelAsync();
        await Wait.Fails<OperationCanceledException>(() => waiting);
        await Produce(kafka, topic);

        Assert.Equal(Enumerable.Range(0, Payments).Select(offset => (long)offset), (await consumer.Take(Payments, Cancellation)).Select(record => record.Offset));
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Closed_consumer_ends_its_loop_and_says_so()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        var consumer = kafka.CreateConsumer<int, string>(Member(target.NewName("group"), topic));
        var waiting = consumer.Take(1, Cancellation);

        await consumer.DisposeAsync();

        await Wait.Fails<ObjectDisposedException>(() => waiting);
        await Wait.Fails<ObjectDisposedException>(() => consumer.CommitAsync(Cancellation).AsTask());
        await Wait.Fails<ObjectDisposedException>(() => consumer.Take(1, Cancellation));
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Question_about_a_topic_that_does_not_exist_ends_by_its_deadline()
    {
        await using var target = await Target();
        target.RequireNoAutoCreation();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        var missing = target.NewName("missing");
        await using var kafka = target.Connect();
        await using var consumer = kafka.CreateConsumer<int, string>(new ConsumerOptions { DefaultApiTimeout = TimeSpan.FromSeconds(1) });

        var error = await Wait.Fails<KafkaTimeoutException>(() => consumer.EndOffsetsAsync([new TopicPartition(missing, 0)], Cancellation).AsTask());

        Assert.Equal(Protocol.ErrorCode.UnknownTopicOrPartition, error.Code);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(await consumer.EndOffsetsAsync([new TopicPartition(topic, 0)], Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Group_without_an_offset_and_without_a_reset_says_so_and_goes_on_after_a_seek()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        await Produce(kafka, topic);
        var options = Member(target.NewName("group"), topic);
        options.AutoOffsetReset = AutoOffsetReset.None;
        await using var consumer = kafka.CreateConsumer<int, string>(options);

        var error = await Wait.Fails<KafkaPositionException>(() => consumer.Take(1, Cancellation));
        await consumer.SeekAsync(new TopicPartitionOffset(topic, 0, 5), Cancellation);

        Assert.Equal(new TopicPartition(topic, 0), error.Partition);
        Assert.Contains(nameof(ConsumerOptions.AutoOffsetReset), error.Message, StringComparison.Ordinal);
        Assert.Equal(5, Assert.Single(await consumer.Take(1, Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Range_between_two_times_ends_by_itself_though_its_last_offset_is_a_marker()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(Partitions, cancellation: Cancellation);
        await using var kafka = target.Connect();
        await Produce(kafka, topic);
        await using (var producer = kafka.CreateProducer<int, string>(new ProducerOptions { TransactionalId = target.NewName("transaction") }))
        {
            await producer.InitTransactionsAsync(Cancellation);
            await producer.BeginTransactionAsync(Cancellation);
            for (var i = 0; i < Partitions; i++)
                await producer.PostAsync(new ProducerRecord<int, string>(topic, -1, "aborted") { Partition = i, Timestamp = FirstTime.AddMinutes(30) }, cancellation: Cancellation);
            await producer.AbortTransactionAsync(Cancellation);
        }
        await using var consumer = kafka.CreateConsumer<int, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });

        var (some, all) = (new List<int>(), new List<int>());
        await foreach (var record in consumer.ReadRangeAsync(topic, FirstTime.AddMinutes(10), FirstTime.AddMinutes(20), Cancellation))
            some.Add(record.Key);
        await foreach (var record in consumer.ReadRangeAsync(topic, FirstTime, DateTimeOffset.UtcNow, Cancellation))
            all.Add(record.Key);

        Assert.Equal(Enumerable.Range(10, 10), some.Order());
        Assert.Equal(Enumerable.Range(0, Payments), all.Order());
    }

    static ConsumerOptions Member(string group, string topic) => new()
    {
        GroupId = group, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest,
    };

    /// <summary>Payment i with key i, one a minute.</summary>
    static async Task Produce(KafkaClient kafka, string topic)
    {
        await using var producer = kafka.CreateProducer<int, string>();
        for (var i = 0; i < Payments; i++)
            await producer.PostAsync(new ProducerRecord<int, string>(topic, i, $"Paid ${i} to Bob") { Timestamp = FirstTime.AddMinutes(i) }, cancellation: Cancellation);
        await producer.FlushAsync(Cancellation);
    }
}
