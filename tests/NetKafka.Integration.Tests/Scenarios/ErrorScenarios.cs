using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>What goes wrong ends in a clear error by its deadline, and the client goes on: the same on every target.</summary>
public abstract class ErrorScenarios
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<KafkaTarget> Target();

    [Theory, Trait("Area", "Wire")]
    [InlineData("127.0.0.1:1", "127.0.0.1:1")]
    [InlineData("no-such-host.invalid:9092", "no-such-host.invalid")]
    public async Task Address_that_nobody_answers_is_named_in_the_error(string address, string name)
    {
        await using var target = await Target();
        var options = target.ClientOptions;
        options.BootstrapServers = address;
        await using var kafka = new KafkaClient(options);
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { MaxBlock = Soon });
        var admin = kafka.CreateAdmin(new AdminOptions { CallTimeout = Soon });

        var produced = await Wait.Fails<KafkaTimeoutException>(() => producer.ProduceAsync("payments", "Alice", "Paid", Cancellation).AsTask());
        var described = await Wait.Fails<KafkaException>(() => admin.DescribeClusterAsync(Cancellation).AsTask());

        Assert.Equal("metadata", produced.Stage);
        Assert.Contains(name, produced.Message, StringComparison.Ordinal);
        Assert.Contains(name, described.Message, StringComparison.Ordinal);
        Assert.Equal((ErrorCode.None, ErrorCode.None), (produced.Code, described.Code));
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Reading_from_an_address_that_nobody_answers_ends_by_the_deadline()
    {
        await using var target = await Target();
        var options = target.ClientOptions;
        options.BootstrapServers = "127.0.0.1:1";
        await using var kafka = new KafkaClient(options);
        await using var consumer = kafka.CreateConsumer<string, string>(
            new ConsumerOptions { GroupId = target.NewName("group"), Topics = ["payments"], DefaultApiTimeout = Soon });

        var error = await Wait.Fails<KafkaTimeoutException>(() => consumer.ReadAllAsync(Cancellation).FirstAsync(Cancellation).AsTask());

        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Area", "Consumer")]
    public async Task Reading_a_topic_that_does_not_exist_ends_by_the_deadline_and_goes_on_once_it_does()
    {
        await using var target = await Target();
        target.RequireNoAutoCreation();
        var missing = target.NewName("missing");
        await using var kafka = target.Connect();
        await using var admin = kafka.CreateAdmin();
        await using var producer = kafka.CreateProducer<string, string>();
        await using var consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions
        {
            GroupId = target.NewName("group"), Topics = [missing], DefaultApiTimeout = Soon, AutoOffsetReset = AutoOffsetReset.Earliest,
        });

        var error = await Wait.Fails<KafkaTimeoutException>(() => consumer.ReadAllAsync(Cancellation).FirstAsync(Cancellation).AsTask());
        await admin.CreateTopicAsync(missing, 1, 1, Cancellation);
        await producer.ProduceAsync(missing, "Alice", "Paid", Cancellation);

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, error.Code);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Equal("Paid", (await consumer.ReadAllAsync(Cancellation).FirstAsync(Cancellation)).Value);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task One_good_address_among_bad_ones_is_enough()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        var options = target.ClientOptions;
        options.BootstrapServers = $"127.0.0.1:1,no-such-host.invalid:9092,{options.BootstrapServers}";
        await using var kafka = new KafkaClient(options);
        await using var producer = kafka.CreateProducer<string, string>();

        Assert.Equal(0, (await producer.ProduceAsync(topic, "Alice", "Paid", Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Topic_that_does_not_exist_is_said_by_the_deadline_and_the_producer_goes_on()
    {
        await using var target = await Target();
        target.RequireNoAutoCreation();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        var missing = target.NewName("missing");
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { MaxBlock = Soon });

        var error = await Wait.Fails<KafkaTimeoutException>(() => producer.ProduceAsync(missing, "Alice", "Paid", Cancellation).AsTask());

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, error.Code);
        Assert.Equal("metadata", error.Stage);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await producer.ProduceAsync(topic, "Alice", "Paid", Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Record_waits_for_a_topic_that_is_created_meanwhile()
    {
        await using var target = await Target();
        target.RequireNoAutoCreation();
        var late = target.NewName("late");
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>();
        await using var admin = kafka.CreateAdmin();

        var waiting = producer.ProduceAsync(late, "Alice", "Paid", Cancellation).AsTask();
        await admin.CreateTopicAsync(late, 1, 1, Cancellation);

        Assert.Equal(0, (await waiting.WaitAsync(TimeSpan.FromSeconds(90), Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Record_above_the_clients_limit_is_refused_and_the_next_is_written()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { MaxRequestSize = 2_048, BatchSize = 1_024 });

        var error = await Wait.Fails<ProduceException>(() => producer.ProduceAsync(topic, "Alice", new string('x', 4_096), Cancellation).AsTask());

        Assert.Equal((ErrorCode.MessageTooLarge, RecordFate.NotWritten), (error.Code, error.Fate));
        Assert.Contains(nameof(ProducerOptions.MaxRequestSize), error.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await producer.ProduceAsync(topic, "Alice", "Paid", Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Record_above_the_topics_limit_is_refused_and_the_next_is_written()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(settings: new Dictionary<string, string> { ["max.message.bytes"] = "1000" }, cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>();

        var error = await Wait.Fails<ProduceException>(() => producer.ProduceAsync(topic, "Alice", new string('x', 4_096), Cancellation).AsTask());

        Assert.Equal((ErrorCode.MessageTooLarge, RecordFate.NotWritten), (error.Code, error.Fate));
        Assert.Equal(new TopicPartition(topic, 0), error.Partition);
        Assert.Equal(0, (await producer.ProduceAsync(topic, "Alice", "Paid", Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Batch_above_the_topics_limit_is_split_until_it_fits()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(settings: new Dictionary<string, string> { ["max.message.bytes"] = "1000" }, cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { Linger = Soon });
        var value = new string('x', 100);

        // The first tells the producer of the topic, so that the others go into one batch, in their order.
        await producer.ProduceAsync(topic, "Alice", value, Cancellation);
        var sent = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => producer.ProduceAsync(topic, "Alice", value, Cancellation).AsTask()));

        Assert.Equal(Enumerable.Range(1, 100).Select(offset => (long)offset), sent.Select(metadata => metadata.Offset));
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Closed_producer_and_client_say_so_and_others_go_on()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var other = kafka.CreateProducer<string, string>();
        var producer = kafka.CreateProducer<string, string>();
        await producer.ProduceAsync(topic, "Alice", "Paid", Cancellation);
        await producer.DisposeAsync();

        await Wait.Fails<ObjectDisposedException>(() => producer.ProduceAsync(topic, "Alice", "Paid", Cancellation).AsTask());
        await Wait.Fails<ObjectDisposedException>(() => producer.FlushAsync(Cancellation).AsTask());
        Assert.Equal(1, (await other.ProduceAsync(topic, "Alice", "Paid", Cancellation)).Offset);

        await kafka.DisposeAsync();
        await Wait.Fails<ObjectDisposedException>(() => other.ProduceAsync(topic, "Alice", "Paid", Cancellation).AsTask());
        Assert.Throws<ObjectDisposedException>(() => kafka.CreateProducer<string, string>());
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Closing_the_client_delivers_what_was_produced_before()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        var kafka = target.Connect();
        var producer = kafka.CreateProducer<string, string>(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });
        var sent = producer.ProduceAsync(topic, "Alice", "Paid", Cancellation).AsTask();

        await kafka.DisposeAsync();

        Assert.Equal(0, (await sent.WaitAsync(TimeSpan.FromSeconds(90), Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Flush_waits_for_what_was_produced_before_the_topic_was_known()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(cancellation: Cancellation);
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });
        var sent = producer.ProduceAsync(topic, "Alice", "Paid", Cancellation).AsTask();

        await producer.FlushAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(90), Cancellation);

        // Its outcome is there by then, though the task may still be on its way to say so.
        Assert.Equal(0, (await sent.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Offset);
        await using var consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions());
        Assert.Equal(1, Assert.Single(await consumer.EndOffsetsAsync([new TopicPartition(topic, 0)], Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Producer")]
    public async Task Cancelled_wait_ends_at_once_and_the_producer_goes_on()
    {
        await using var target = await Target();
        target.RequireNoAutoCreation();
        var missing = target.NewName("missing");
        await using var kafka = target.Connect();
        await using var producer = kafka.CreateProducer<string, string>();
        using var before = new CancellationTokenSource();
        using var during = new CancellationTokenSource();
        await before.CancelAsync();

        await Wait.Fails<OperationCanceledException>(() => producer.ProduceAsync(missing, "Alice", "never", before.Token).AsTask());
        var waiting = producer.ProduceAsync(missing, "Alice", "not in time", during.Token).AsTask();
        await during.CancelAsync();
        await Wait.Fails<OperationCanceledException>(() => waiting);

        // Neither was buffered, so the first record of the topic is the one that comes now.
        await using var admin = kafka.CreateAdmin();
        await admin.CreateTopicAsync(missing, 1, 1, Cancellation);
        Assert.Equal(0, (await producer.ProduceAsync(missing, "Alice", "Paid", Cancellation)).Offset);
    }

    [Fact, Trait("Area", "Admin")]
    public async Task Admin_gives_each_topic_the_error_that_it_has()
    {
        await using var target = await Target();
        var topic = await target.CreateTopic(partitions: 2, cancellation: Cancellation);
        var missing = target.NewName("missing");
        await using var kafka = target.Connect();
        await using var admin = kafka.CreateAdmin();

        var created = await admin.CreateTopicsAsync(
        [
            new(topic, 1, 1), new(target.NewName("none"), 0, 1), new(target.NewName("copies"), 1, 1_000), new("no name!", 1, 1),
            new(target.NewName("config"), 1, 1) { Configs = new Dictionary<string, string> { ["retention.ms"] = "long" } },
        ], cancellation: Cancellation);
        var deleted = await admin.DeleteTopicsAsync([missing], Cancellation);
        var described = await admin.DescribeTopicsAsync([missing, topic], cancellation: Cancellation);

        Assert.Equal(
            [ErrorCode.TopicAlreadyExists, ErrorCode.InvalidPartitions, ErrorCode.InvalidReplicationFactor, ErrorCode.InvalidTopicException,
                ErrorCode.InvalidConfig],
            created.Select(result => result.Error?.Code));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Assert.Single(deleted).Error?.Code);
        Assert.Equal([ErrorCode.UnknownTopicOrPartition, null], described.Select(description => description.Error?.Code));
        Assert.Equal(2, described[1].GetOrThrow().Partitions.Count);
    }

    [Fact, Trait("Area", "Admin")]
    public async Task Cancelled_or_closed_admin_says_so_and_the_client_goes_on()
    {
        await using var target = await Target();
        await using var kafka = target.Connect();
        var admin = kafka.CreateAdmin();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Wait.Fails<OperationCanceledException>(() => admin.ListTopicsAsync(cancellation: cancelled.Token).AsTask());
        var topic = target.NewName("topic");
        await admin.CreateTopicAsync(topic, 1, 1, Cancellation);
        await admin.DisposeAsync();
        await Wait.Fails<ObjectDisposedException>(() => admin.ListTopicsAsync(cancellation: Cancellation).AsTask());

        await using var next = kafka.CreateAdmin();
        // A broker may tell of a topic a moment after the controller has made it.
        await Wait.Until(
            async () => (await next.ListTopicsAsync(cancellation: Cancellation)).Any(listing => listing.Name == topic), "the topic is listed", Cancellation);
    }
}
