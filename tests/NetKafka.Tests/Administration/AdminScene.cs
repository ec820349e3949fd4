using NetKafka.Producing;
using NetKafka.Testing;

namespace NetKafka.Tests.Administration;

/// <summary>An admin of an embedded Kafka with three brokers, over in-memory streams.</summary>
public abstract class AdminScene : IAsyncDisposable
{
    protected AdminScene()
        : this(new EmbeddedKafkaOptions { Brokers = 3 })
    {
    }

    protected AdminScene(EmbeddedKafkaOptions options)
    {
        Embedded = EmbeddedKafka.Start(options);
        Kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Embedded.BootstrapServers, ConnectCallback = Embedded.ConnectAsync });
        Admin = Kafka.CreateAdmin();
    }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected EmbeddedKafka Embedded { get; }

    protected KafkaClient Kafka { get; }

    protected Admin Admin { get; }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Kafka.DisposeAsync();
        await Embedded.DisposeAsync();
    }

    protected async Task ProduceAsync(string topic, int partition, params (string Value, DateTimeOffset Time)[] records)
    {
        await using var producer = Kafka.CreateProducer<string, string>();
        foreach (var (value, time) in records)
            await producer.ProduceAsync(new ProducerRecord<string, string>(topic, "k", value) { Partition = partition, Timestamp = time }, Cancellation);
    }
}
