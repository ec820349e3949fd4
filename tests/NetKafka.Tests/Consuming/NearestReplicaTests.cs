using System.Net;
using NetKafka.Consuming;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>A consumer in the rack of a follower, against the embedded Kafka.</summary>
public sealed class NearestReplicaTests
{
    [Fact]
    public async Task Consumer_goes_on_at_the_leader_when_the_replica_of_its_rack_stops()
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, SelectReplicasByRack = true });
        embedded.CreateTopic("payments");
        embedded.MoveLeader("payments", 0, 1);
        var connects = new List<string>();
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = embedded.BootstrapServers, ClientRack = "rack-2",
            ConnectCallback = (DnsEndPoint endpoint, CancellationToken cancellation) =>
            {
                lock (connects)
                    connects.Add(endpoint.Host);
                return embedded.ConnectAsync(endpoint, cancellation);
            },
        });
        await using var producer = kafka.CreateProducer<string, string>();
        await using var consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        await producer.ProduceAsync("payments", "k", "0", end.Token);
        await consumer.AssignAsync([new TopicPartition("payments", 0)], end.Token);
        var (count, others) = (0, 0);
        await foreach (var record in consumer.ReadAllAsync(end.Token))
        {
            Assert.Equal($"{count++}", record.Value);
            if (count == 1)
            {
                lock (connects)
                    Assert.Contains(connects, host => host.Contains('2', StringComparison.Ordinal));
            }
            if (count == 3)
                embedded.StopBroker(2);
            if (count == 10)
                break;
            await producer.ProduceAsync("payments", "k", $"{count}", end.Token);
            others++;
        }
        Assert.Equal((10, 9), (count, others));
    }
}
