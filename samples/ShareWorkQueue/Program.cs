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

// A new share group begins with what is written from now on, unless an admin has set share.auto.offset.reset=earliest for it. As many of these
// programs as you like may run: each job is one's at a time, however many partitions there are.
await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Option("--bootstrap") });
await using var queue = kafka.CreateShareConsumer<string?, Bytes>(new ShareConsumerOptions
{
    GroupId = Option("--group"), Topics = [Option("--topic")], AcquireMode = ShareAcquireMode.RecordLimit,
});
try
{
    // Eight jobs at a time, and no more locked than are worked on. A job that takes long keeps its lock; one that fails is tried again by
    // whoever is free, four times more; one that can never be done is told and done away with.
    await queue.ProcessAsync(async (job, cancellation) =>
    {
        if (job.Value.IsEmpty)
            throw new FormatException("An empty job.");
        await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        Console.WriteLine($"{job}: {job.Value.Length} bytes, delivered {job.DeliveryCount} times");
    }, new ShareProcessingOptions
    {
        MaxConcurrency = 8,
        OnError = (failure, deliveries, _) =>
        {
            Console.Error.WriteLine($"{failure.Message} (delivered {deliveries} times)");
            return ValueTask.FromResult(failure.InnerException is FormatException ? AcknowledgeType.Reject : AcknowledgeType.Release);
        },
    }, stop.Token);
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped: what is done is acknowledged, and the rest is others'.");
}
