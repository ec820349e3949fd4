using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Questions about what is not there end by their deadline with an error that names it.</summary>
public sealed class MissingTopicTests
{
    [Theory]
    [InlineData("missing", 0)]
    [InlineData("payments", 7)]
    public async Task Offsets_of_a_partition_that_does_not_exist_fail_as_unknown(string topic, int partition)
    {
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { AutoCreateTopics = false });
        embedded.CreateTopic("payments", 3);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = embedded.BootstrapServers, ConnectCallback = embedded.ConnectAsync });
        await using var consumer = kafka.CreateConsumer<int, int>(new ConsumerOptions { DefaultApiTimeout = TimeSpan.FromMilliseconds(300) });

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(() => consumer.EndOffsetsAsync([new TopicPartition(topic, partition)]).AsTask());

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, error.Code);
        Assert.Equal(new TopicPartition(topic, partition), error.Partition);
        Assert.Contains(topic, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_that_does_not_answer_is_named()
    {
        // It never comes back, so there is no failure to tell of when the caller's time is over.
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = "far-away:9092",
            ConnectCallback = static async (_, cancellation) =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                throw new InvalidOperationException();
            },
        });
        await using var producer = kafka.CreateProducer<int, int>(new() { MaxBlock = TimeSpan.FromMilliseconds(300) });

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(() => producer.ProduceAsync("payments", 1, 1).AsTask());

        Assert.Contains("far-away:9092", error.Message, StringComparison.Ordinal);
    }
}
