using NetKafka;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Testing;
using Payments;

const string Topic = "payments";

if (Settings.Parse(args, DateTimeOffset.UtcNow) is not { } settings)
{
    Console.Error.WriteLine(Settings.Usage);
    return 2;
}

// Ctrl+C ends the reading; the consumer then commits, leaves its group in order, and the program ends by itself.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

// Without a cluster of your own the program brings one along: brokers in this process, which speak Kafka's protocol.
await using var embedded = settings.Bootstrap is null ? EmbeddedKafka.Start() : null;
await using var kafka = new KafkaClient(new KafkaClientOptions
{
    BootstrapServers = settings.Bootstrap ?? embedded!.BootstrapServers,
    ConnectCallback = embedded is null ? null : embedded.ConnectAsync,
});

try
{
    var written = await WriteAsync();
    await ReadAsync(written);
    return 0;
}
catch (KafkaException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

// Payments of one customer have one key, so they share a partition and stay in order.
async Task<Dictionary<int, long>> WriteAsync()
{
    await using var producer = kafka.CreateProducer<string, string>();
    var lastOffsets = new Dictionary<int, long>();
    for (var i = 0; i < settings.Count; i++)
    {
        var sent = await producer.ProduceAsync(
            new ProducerRecord<string, string>(Topic, "Alice", "Paid $200 to Bob") { Timestamp = DateTimeOffset.UtcNow }, stop.Token);
        Console.WriteLine($"wrote  {sent.Topic}-{sent.Partition}@{sent.Offset}");
        lastOffsets[sent.Partition] = sent.Offset;
    }
    return lastOffsets;
}

// Ends once everything that was written has come back, unless it is told to follow.
async Task ReadAsync(Dictionary<int, long> expected)
{
    await using var consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions
    {
        GroupId = "realtime-risk",
        Topics = [Topic],
        AutoOffsetReset = AutoOffsetReset.Earliest,
        FetchMinBytes = 1,
        FetchMaxBytes = 10_000_000,
        // The first record at or after the moment takes the place of the committed offset.
        OnPartitionsAssigned = settings.ReplayFrom is { } moment ? assigned => assigned.SeekToTimeAsync(moment) : null,
    });
    try
    {
        if (expected.Count == 0 && !settings.Follow)
            return;
        await foreach (var payment in consumer.ReadAllAsync(stop.Token))
        {
            Console.WriteLine($"read   {payment.Key}: {payment.Value} at {payment.Timestamp:O}");
            if (expected.TryGetValue(payment.Partition, out var last) && payment.Offset >= last)
                expected.Remove(payment.Partition);
            if (expected.Count > 0 || settings.Follow)
                continue;
            // The loop asks for no further record, which would have told that this one is done.
            consumer.MarkFinished(payment);
            return;
        }
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        Console.WriteLine("stopped");
    }
}
