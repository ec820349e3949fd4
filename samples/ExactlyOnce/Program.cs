using NetKafka;
using NetKafka.Consuming;
using NetKafka.Producing;
using Bytes = System.ReadOnlyMemory<byte>;

string? Given(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

string Option(string name) => Given(name) ?? throw new ArgumentException(
    $"{name} is missing. Usage: --bootstrap HOST:PORT --from TOPIC --to TOPIC --group GROUP --transactional-id ID [--protocol classic|consumer]");

var (from, to, id) = (Option("--from"), Option("--to"), Option("--transactional-id"));
var protocol = Enum.Parse<GroupProtocol>(Given("--protocol") ?? "classic", ignoreCase: true);
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Option("--bootstrap") });
await using var producer = kafka.CreateProducer<Bytes?, Bytes?>(new ProducerOptions { TransactionalId = id });

// A static member (KIP-345): killed and started again under its name it is given the same partitions at once, and goes on there. By the
// consumer protocol (KIP-848) a name that was not left is free only once its session has ended, so that there others take them over.
await using var source = kafka.CreateConsumer<Bytes?, Bytes?>(new ConsumerOptions
{
    GroupProtocol = protocol, GroupId = Option("--group"), GroupInstanceId = protocol == GroupProtocol.Classic ? id : null, Topics = [from],
    EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest,
});
try
{
    await producer.ProcessAsync(source, async (batch, cancellation) =>
    {
        foreach (var record in batch)
            await producer.PostAsync(new ProducerRecord<Bytes?, Bytes?>(to, record.Key, record.Value), cancellation: cancellation);
    }, cancellation: stop.Token);
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped: what is committed was copied exactly once.");
}
