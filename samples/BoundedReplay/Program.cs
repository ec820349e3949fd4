using System.Globalization;
using NetKafka;
using NetKafka.Consuming;
using Bytes = System.ReadOnlyMemory<byte>;

const string Usage = "Usage: --bootstrap HOST:PORT --topic TOPIC --from TIME --until TIME, where a time is as 2026-01-31T12:00Z or 10m for ten minutes ago";

string Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length
    ? args[at + 1]
    : throw new ArgumentException($"{name} is missing. {Usage}");

DateTimeOffset Time(string name) => Option(name) is var text && text.EndsWith('m') && int.TryParse(text[..^1], out var minutes)
    ? DateTimeOffset.UtcNow.AddMinutes(-minutes)
    : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Option("--bootstrap") });
// No group: a replay shares its work with nobody and commits nothing. Of transactions only those that were committed.
await using var consumer = kafka.CreateConsumer<string, Bytes>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });

var (from, until) = (Time("--from"), Time("--until"));
var count = 0;
// The loop ends by itself, once every partition has come to the moment or to what is its end now.
await foreach (var record in consumer.ReadRangeAsync(Option("--topic"), from, until, stop.Token))
{
    count++;
    Console.WriteLine($"{record.Timestamp:O} {record} {record.Key}: {record.Value.Length} bytes");
}
Console.WriteLine($"{count} records from {from:O} until {until:O}");
