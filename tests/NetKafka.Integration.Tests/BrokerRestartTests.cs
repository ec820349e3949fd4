using System.Collections.Concurrent;
using System.Globalization;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>The broker ends and comes back while records are produced; Java tells what is in the log then.</summary>
[Trait("Area", "Producer")]
public sealed class BrokerRestartTests(KafkaClusters clusters)
{
    const int Partitions = 3;
    const int AcksBetween = 300;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acked_records_are_there_once_when_the_broker_was_stopped_and_killed()
    {
        await using var cluster = await clusters.Own(cancellation: Cancellation);
        var patient = await cluster.CreateTopic(Partitions, kind: "patient", cancellation: Cancellation);
        var hasty = await cluster.CreateTopic(Partitions, kind: "hasty", cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var senders = new[]
        {
            new Sender(kafka, patient, new ProducerOptions()),
            // Its records do not wait for the broker to come back.
            new Sender(kafka, hasty, new ProducerOptions { RequestTimeout = TimeSpan.FromSeconds(1), DeliveryTimeout = TimeSpan.FromSeconds(2) }),
        };

        await MoreAcks(senders);
        await cluster.Stop(1, Cancellation);
        await cluster.Start(1, Cancellation);
        await MoreAcks(senders);
        await cluster.Kill(1, Cancellation);
        await cluster.Start(1, Cancellation);
        await MoreAcks(senders);
        foreach (var sender in senders)
            await sender.Finish();

        Assert.DoesNotContain(senders[0].Outcomes.Values, outcome => outcome.Error is not null);
        Assert.Contains(senders[1].Outcomes.Values, outcome => outcome.Error is not null);
        foreach (var sender in senders)
            Check(sender, await ReadByJava(cluster, sender.Topic));
    }

    static async Task MoreAcks(Sender[] senders)
    {
        foreach (var sender in senders)
        {
            var wanted = sender.Acked + AcksBetween;
            await Wait.Until(() => sender.Acked >= wanted || sender.HasEnded, $"{wanted} records of {sender.Topic} acknowledged", Cancellation);
        }
    }

    static void Check(Sender sender, IReadOnlyList<(int Partition, long Offset, int Number)> log)
    {
        Assert.Empty(sender.ToldTwice);
        var places = log.ToLookup(record => record.Number, record => (record.Partition, record.Offset));
        foreach (var (number, outcome) in sender.Outcomes)
        {
            switch (outcome.Error)
            {
                case null:
                    var (partition, offset) = Assert.Single(places[number]);
                    Assert.Equal(partition, outcome.Metadata.Partition);
                    // A broker that had the batch already does not always tell where.
                    Assert.True(outcome.Metadata.Offset == offset || outcome.Metadata.Offset == -1, $"Record {number} lies at {offset}, not at {outcome.Metadata}.");
                    break;
                case ProduceException { Fate: RecordFate.NotWritten }:
                    Assert.Empty(places[number]);
                    break;
                case ProduceException { Fate: RecordFate.Unknown }:
                    Assert.True(places[number].Count() <= 1, $"Record {number} lies at {string.Join(", ", places[number])}.");
                    break;
                default:
                    Assert.Fail($"Record {number} failed by {outcome.Error}.");
                    break;
            }
        }
        Assert.All(log, record => Assert.Contains(record.Number, (IDictionary<int, DeliveryReport>)sender.Outcomes));
        Assert.All(log.GroupBy(record => record.Partition), partition =>
            Assert.Equal(partition.Select(record => record.Number).Order(), partition.Select(record => record.Number)));
    }

    /// <summary>Every record of the topic, in the order of each partition.</summary>
    static async Task<IReadOnlyList<(int Partition, long Offset, int Number)>> ReadByJava(KafkaCluster cluster, string topic)
    {
        var ends = (await cluster.Tools.Run(
            "org.apache.kafka.tools.GetOffsetShell", ["--bootstrap-server", cluster.Tools.BootstrapServers, "--topic", topic],
            cancellation: Cancellation)).OrFail().Lines;
        var count = ends.Sum(line => int.Parse(line.AsSpan(line.LastIndexOf(':') + 1), CultureInfo.InvariantCulture));
        var lines = await cluster.Tools.ConsoleConsume(topic, count, ["print.partition=true", "print.offset=true"], cancellation: Cancellation);
        Assert.Equal(count, lines.Count);
        return [.. lines.Select(line => line.Split('\t')).Select(parts => (
            int.Parse(parts[0].AsSpan("Partition:".Length), CultureInfo.InvariantCulture),
            long.Parse(parts[1].AsSpan("Offset:".Length), CultureInfo.InvariantCulture),
            int.Parse(parts[2], CultureInfo.InvariantCulture)))];
    }

    /// <summary>Produces numbers until it is told to finish, a few dozen ahead of their outcomes.</summary>
    sealed class Sender
    {
        const int Ahead = 50;

        readonly CancellationTokenSource _finish = new();
        readonly Producer<int, string> _producer;
        readonly Task _run;
        int _acked;

        public Sender(KafkaClient kafka, string topic, ProducerOptions options)
        {
            Topic = topic;
            _producer = kafka.CreateProducer<int, string>(options);
            _run = Task.Run(Run);
        }

        public string Topic { get; }

        public ConcurrentDictionary<int, DeliveryReport> Outcomes { get; } = new();

        public ConcurrentQueue<DeliveryReport> ToldTwice { get; } = new();

        public int Acked => Volatile.Read(ref _acked);

        public bool HasEnded => _run.IsCompleted;

        public async Task Finish()
        {
            await _finish.CancelAsync();
            await _run;
            await _producer.DisposeAsync();
        }

        async Task Run()
        {
            for (var number = 0; !_finish.IsCancellationRequested; number++)
            {
                var record = new ProducerRecord<int, string>(Topic, number % 16, $"{number}");
                await _producer.PostAsync(record, Take, number, Cancellation);
                if (number % Ahead == 0)
                    await _producer.FlushAsync(Cancellation);
            }
        }

        void Take(DeliveryReport report)
        {
            if (!Outcomes.TryAdd((int)report.State!, report))
                ToldTwice.Enqueue(report);
            if (report.IsDelivered)
                Interlocked.Increment(ref _acked);
        }
    }
}
