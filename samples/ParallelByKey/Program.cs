using NetKafka;
using NetKafka.Consuming;
using Bytes = System.ReadOnlyMemory<byte>;

string Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : throw new ArgumentException(
    $"{name} is missing. Usage: --bootstrap HOST:PORT --topic TOPIC --group GROUP");

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Option("--bootstrap") });
await using var consumer = kafka.CreateConsumer<string, Bytes>(new ConsumerOptions
{
    GroupId = Option("--group"), Topics = [Option("--topic")], AutoOffsetReset = AutoOffsetReset.Earliest,
});
try
{
    // Sixty-four calls at a time; those of one key come one after another. What takes three tries is told and left behind.
    await consumer.ProcessAsync(async (record, cancellation) =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        Console.WriteLine($"{record} of {record.Key}: {record.Value.Length} bytes");
    }, new ProcessingOptions
    {
        Order = ProcessingOrder.ByKey, MaxConcurrency = 64,
        OnError = (failure, _) => ValueTask.FromResult(failure.Attempts < 3 ? ProcessingErrorAction.Retry : ProcessingErrorAction.Skip),
    }, stop.Token);
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped: what is finished is committed, and nothing that is not.");
}
