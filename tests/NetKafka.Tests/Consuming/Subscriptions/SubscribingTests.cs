using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming.Subscriptions;

/// <summary>Subscriptions by pattern, and such as change, against the embedded Kafka.</summary>
public sealed class SubscribingTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, DefaultPartitions = 2 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public SubscribingTests() => _kafka = new KafkaClient(new KafkaClientOptions
    {
        BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync, MetadataMaxAge = TimeSpan.FromMilliseconds(200),
    });

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    static ConsumerOptions Options(GroupProtocol protocol) =>
        new() { GroupId = "g", GroupProtocol = protocol, AutoOffsetReset = AutoOffsetReset.Earliest };

    async Task ProduceAsync(params string[] topics)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        foreach (var topic in topics)
            await producer.ProduceAsync(new ProducerRecord<string, string>(topic, topic, topic));
    }

    /// <summary>Reads until so many records came; the topics they came of.</summary>
    async Task<List<string>> ReadAsync(Consumer<string, string> consumer, int count)
    {
        var topics = new List<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            topics.Add(record.Topic);
            consumer.MarkFinished(record);
            if (topics.Count == count)
                break;
        }
        return [.. topics.Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Pattern_reads_what_matches_and_what_is_created_later(GroupProtocol protocol)
    {
        await ProduceAsync("orders.eu", "orders.test", "payments");
        var options = Options(protocol);
        (options.TopicPattern, options.TopicExcludePattern) = ("orders[.].*|__.*", ".*test");
        await using var consumer = _kafka.CreateConsumer<string, string>(options);
        Assert.Equal(["orders.eu"], await ReadAsync(consumer, 1));
        await ProduceAsync("orders.us", "payments");
        Assert.Equal(["orders.us"], await ReadAsync(consumer, 1));
        Assert.DoesNotContain(consumer.Assignment, static partition => partition.Topic is "orders.test" or "payments" || partition.Topic.StartsWith("__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pattern_of_the_broker_reads_what_matches_and_what_is_created_later()
    {
        await ProduceAsync("orders.eu", "payments");
        var options = Options(GroupProtocol.Automatic);
        options.BrokerTopicPattern = "orders.*";
        await using var consumer = _kafka.CreateConsumer<string, string>(options);
        Assert.Equal(["orders.eu"], await ReadAsync(consumer, 1));
        await ProduceAsync("orders.us", "payments");
        Assert.Equal(["orders.us"], await ReadAsync(consumer, 1));
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Consumer_reads_other_topics_once_it_subscribes_to_them_and_goes_on_where_it_was_when_it_comes_back(GroupProtocol protocol)
    {
        await ProduceAsync("a", "b");
        await using var consumer = _kafka.CreateConsumer<string, string>(Options(protocol));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await ReadAsync(consumer, 1));
        await consumer.SubscribeAsync(["a"]);
        Assert.Equal(["a"], await ReadAsync(consumer, 1));
        await consumer.SubscribeAsync(["b"]);
        Assert.Equal(["b"], await ReadAsync(consumer, 1));
        await ProduceAsync("a");
        await consumer.SubscribeAsync(new TopicSubscription { Topics = ["a"], Pattern = "b" });
        Assert.Equal(["a"], await ReadAsync(consumer, 1));
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Consumer_that_unsubscribes_reads_by_hand_and_subscribes_again(GroupProtocol protocol)
    {
        await ProduceAsync("a");
        await using var consumer = _kafka.CreateConsumer<string, string>(Options(protocol));
        await consumer.SubscribeAsync(["a"]);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.AssignAsync([new TopicPartition("a", 0)]));
        Assert.Equal(["a"], await ReadAsync(consumer, 1));
        Assert.Equal(["a"], consumer.Subscription!.Topics);
        await consumer.UnsubscribeAsync();
        Assert.Null(consumer.Subscription);
        Assert.Empty(consumer.Assignment);
        await consumer.AssignAsync([new TopicPartitionOffset("a", 0, 0), new TopicPartitionOffset("a", 1, 0)]);
        Assert.Equal(["a"], await ReadAsync(consumer, 1));
        await consumer.UnsubscribeAsync();
        await ProduceAsync("b");
        await consumer.SubscribeAsync(["b"]);
        Assert.Equal(["b"], await ReadAsync(consumer, 1));
    }

    [Fact]
    public async Task Subscription_that_cannot_be_is_refused_with_what_is_wrong()
    {
        await using var consumer = _kafka.CreateConsumer<string, string>(Options(GroupProtocol.Classic));
        await using var alone = _kafka.CreateConsumer<string, string>(new ConsumerOptions());
        Assert.Contains("GroupId", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await alone.SubscribeAsync(["a"]))).Message, StringComparison.Ordinal);
        foreach (var (subscription, said) in new (TopicSubscription, string)[]
        {
            (new() { Topics = [""] }, "Topics has an empty name"),
            (new(), "Nothing is subscribed to"),
            (new() { Pattern = "(" }, "Pattern is no regular expression"),
            (new() { Pattern = "" }, "Pattern is empty"),
            (new() { Topics = ["a"], ExcludePattern = "b" }, "ExcludePattern is set without Pattern"),
            (new() { BrokerPattern = "a" }, "BrokerPattern is set, which only the consumer protocol has"),
        })
            Assert.Contains(said, (await Assert.ThrowsAsync<KafkaOptionsException>(async () => await consumer.SubscribeAsync(subscription))).Message, StringComparison.Ordinal);
        var options = Options(GroupProtocol.Classic);
        (options.TopicPattern, options.BrokerTopicPattern) = ("[", "x");
        var refused = Assert.Throws<KafkaOptionsException>(() => _kafka.CreateConsumer<string, string>(options));
        Assert.Contains("TopicPattern is no regular expression", refused.Message, StringComparison.Ordinal);
        Assert.Contains("BrokerTopicPattern is set", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await alone.CloseAsync((GroupMembershipOperation)9));
    }

    [Fact]
    public async Task Pattern_that_never_ends_is_told_and_does_not_hold_the_client_up()
    {
        await ProduceAsync("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.");
        var options = Options(GroupProtocol.Classic);
        options.TopicPattern = "(a|aa)+b";
        await using var consumer = _kafka.CreateConsumer<string, string>(options);
        var endless = await Assert.ThrowsAsync<KafkaException>(async () => await ReadAsync(consumer, 1));
        Assert.Contains("TopicPattern", endless.Message, StringComparison.Ordinal);
        await ProduceAsync("b");
    }
}
