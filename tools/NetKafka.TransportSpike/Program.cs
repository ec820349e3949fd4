using System.Diagnostics;
using System.Globalization;
using NetKafka;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.TransportSpike;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["broker"])
{
    var broker = new NullBroker();
    broker.Start();
    Console.WriteLine(broker.Port);
    Console.ReadLine();
    return;
}

var rounds = args is [var text] ? int.Parse(text) : 4;
using var peer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, "broker") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
var port = int.Parse(peer.StandardOutput.ReadLine()!);
(string Name, int BodyBytes, int Window, int Requests)[] loads =
[
    ("1 MiB, 5 in flight", 1024 * 1024, 5, 3000), ("16 KiB, 5 in flight", 16 * 1024, 5, 60_000),
    ("120 B, 5 in flight", 120, 5, 100_000), ("120 B, 1 in flight", 120, 1, 40_000),
];
var figures = new SortedDictionary<string, List<double>>(StringComparer.Ordinal);
for (var round = 0; round < rounds; round++)
{
    // ABBA, so that what changes on the machine meanwhile does not favour one of them.
    foreach (var isThread in (bool[])[false, true, true, false])
    {
        foreach (var (name, bodyBytes, window, requests) in loads)
        {
            using var kafka = Connect(isThread);
            var pump = new Pump(kafka.Runtime.Cluster, bodyBytes, window, requests);
            kafka.Runtime.Post(pump);
            pump.Wait();
            Note(isThread, $"{name}: cpu us/request", pump.CpuMicroseconds);
            Note(isThread, $"{name}: requests/s", pump.PerSecond);
            if (window > 1)
                continue;
            NoteTrips(isThread, "round trip in the turn", pump.RoundTrips);
            var cpu = Environment.CpuUsage.TotalTime;
            var trips = await new Caller(kafka.Runtime, bodyBytes).RunAsync(requests / 2);
            Note(isThread, "awaited call: cpu us/request", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / (requests / 2));
            NoteTrips(isThread, "awaited call: round trip", trips);
        }
        Console.WriteLine($"round {round + 1} of {rounds}, {(isThread ? "threads" : "async sockets")} done");
    }
}
peer.StandardInput.Close();
peer.WaitForExit();
Console.WriteLine($"median [lowest to highest] of {2 * rounds} runs; {Environment.ProcessorCount} cores");
foreach (var (name, values) in figures)
{
    values.Sort();
    Console.WriteLine($"{name,-70} {(values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2,12:0.0}  [{values[0]:0.0} to {values[^1]:0.0}]");
}

KafkaClient Connect(bool isThread) => new(
    new KafkaClientOptions { BootstrapServers = $"127.0.0.1:{port}" },
    new RuntimeSeams(new SocketTransport(isThread ? SocketTransport.DefaultMaxThreads : 0), new RandomSource(1)));

void NoteTrips(bool isThread, string name, IEnumerable<double> microseconds)
{
    var sorted = microseconds.Order().ToList();
    Note(isThread, $"{name}, p50 us", sorted[sorted.Count / 2]);
    Note(isThread, $"{name}, p99 us", sorted[sorted.Count * 99 / 100]);
}

void Note(bool isThread, string name, double value)
{
    var key = $"{name} | {(isThread ? "threads" : "async")}";
    if (!figures.TryGetValue(key, out var values))
        figures.Add(key, values = []);
    values.Add(value);
}
