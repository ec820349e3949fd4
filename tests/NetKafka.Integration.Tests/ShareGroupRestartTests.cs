using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests;

/// <summary>A share group (KIP-932) that works while brokers are killed and started again.</summary>
[Trait("Area", "Share")]
public sealed class ShareGroupRestartTests(KafkaClusters clusters, ITestOutputHelper output)
{
    const int Brokers = 3;
    const int Consumers = 4;
    const int Partitions = 6;

    /// <summary>How many records are written ahead of those that were worked on.</summary>
    const int Ahead = 200;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_goes_on_while_brokers_are_killed_and_what_was_accepted_is_not_delivered_again()
    {
        await using var cluster = await clusters.Own(brokers: Brokers, settings: BrokerSessions.Short, cancellation: Cancellation);
        var work = await SharedTopic.On(
            cluster, Partitions, ["share.auto.offset.reset=earliest", "share.delivery.count.limit=10"], cancellation: Cancellation);
        var ledger = new WorkLedger(Ahead);
        using var noMore = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writer = Write(work, ledger, noMore.Token);
        List<Task> workers = [.. Enumerable.Range(0, Consumers).Select(_ => Work(work, ledger, stop.Token))];
        await Progress("all partitions are worked on");
        int[] order = [.. cluster.Nodes];
        Random.Shared.Shuffle(order);
        // Of the partitions of topic and state each broker leads some, so leaders and coordinators move.
        foreach (var node in order[1..])
        {
            int[] led = [.. await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => cluster.LeaderOf(work.Topic, partition, Cancellation)))];
            output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.f} kills broker {node}, the leader of {led.Count(leader => leader == node)} partitions");
            await cluster.Kill(node, Cancellation);
            await Progress($"all partitions are worked on without broker {node}");
            await cluster.Start(node, Cancellation);
        }
        await Progress("all partitions are worked on with all brokers");
        await noMore.CancelAsync();
        var written = await writer;
        await Reached(() => ledger.Handled == written && ledger.Undecided == 0, $"all of {written} records are worked on");
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.f} {written} records, {ledger.Deliveries} deliveries, {ledger.Refused} acknowledgements that did not count");

        // What is left to the group now is what nobody has accepted.
        await using (var kafka = new KafkaClient(cluster.BootstrapServers))
        {
            await using var producer = kafka.CreateProducer<Nothing, string>();
            for (var partition = 0; partition < Partitions; partition++)
                await producer.ProduceAsync(new ProducerRecord<Nothing, string>(work.Topic, default, $"{written + partition}") { Partition = partition }, Cancellation);
        }
        await Reached(() => ledger.Handled == written + Partitions && ledger.Undecided == 0, "the last record of each partition is worked on");
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Empty(ledger.DeliveredAgain);
        Assert.True(ledger.Refused > 0, "No acknowledgement was hit by the death of a broker.");

        async Task Progress(string what)
        {
            var before = ledger.AcceptedByPartition(Partitions);
            await Reached(() => ledger.AcceptedByPartition(Partitions).Zip(before).All(static count => count.First > count.Second), what);
        }

        Task Reached(Func<bool> isSo, string what) => Wait.Until(
            async () =>
            {
                foreach (var ended in workers.Append(writer).Where(static task => task.IsFaulted))
                    await ended;
                return isSo();
            },
            what, Cancellation);
    }

    /// <summary>Writes records whose values are their numbers, as fast as they are worked on.</summary>
    /// <returns>How many.</returns>
    static async Task<int> Write(SharedTopic work, WorkLedger ledger, CancellationToken noMore)
    {
        await using var kafka = new KafkaClient(work.Cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<Nothing, string>();
        var written = 0;
        try
        {
            for (; ; written++)
            {
                await ledger.Room.WaitAsync(noMore);
                await producer.PostAsync(
                    new ProducerRecord<Nothing, string>(work.Topic, default, $"{written}") { Partition = written % Partitions }, cancellation: Cancellation);
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
        }
        await producer.FlushAsync(Cancellation);
        return written;
    }

    static async Task Work(SharedTopic work, WorkLedger ledger, CancellationToken stop)
    {
        await using var kafka = new KafkaClient(work.Cluster.BootstrapServers);
        var options = work.Options(ledger.OnAcknowledged);
        options.MaxPollRecords = 20;
        await using var consumer = kafka.CreateShareConsumer<Nothing, string>(options);
        try
        {
            await foreach (var record in consumer.ReadAllAsync(stop))
                ledger.OnDelivered(record.Partition, record.Offset, record.Value);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
        }
    }

    /// <summary>What was delivered, and what of it brokers have said to count as accepted.</summary>
    sealed class WorkLedger(int ahead)
    {
        readonly Lock _gate = new();
        readonly HashSet<string> _handled = [];
        readonly HashSet<(int Partition, long Offset)> _accepted = [];
        readonly List<(int Partition, long Offset)> _again = [];

        /// <summary>Has one more for each record that is worked on for the first time.</summary>
        public SemaphoreSlim Room { get; } = new(ahead);

        public int Deliveries { get; private set; }

        /// <summary>Deliveries of which nothing was told yet.</summary>
        public int Undecided { get; private set; }

        /// <summary>Acknowledgements that did not count, or of which nobody knows.</summary>
        public int Refused { get; private set; }

        public int Handled
        {
            get
            {
                lock (_gate)
                    return _handled.Count;
            }
        }

        /// <summary>Records that were delivered after they had been accepted.</summary>
        public IReadOnlyList<(int Partition, long Offset)> DeliveredAgain
        {
            get
            {
                lock (_gate)
                    return [.. _again];
            }
        }

        public int[] AcceptedByPartition(int partitions)
        {
            var counts = new int[partitions];
            lock (_gate)
            {
                foreach (var (partition, _) in _accepted)
                    counts[partition]++;
            }
            return counts;
        }

        public void OnDelivered(int partition, long offset, string value)
        {
            lock (_gate)
            {
                Deliveries++;
                Undecided++;
                if (_accepted.Contains((partition, offset)))
                    _again.Add((partition, offset));
                if (_handled.Add(value))
                    Room.Release();
            }
        }

        public void OnAcknowledged(IReadOnlyList<ShareAcknowledgement> told)
        {
            lock (_gate)
            {
                foreach (var result in told)
                {
                    Undecided -= result.Offsets.Count;
                    if (result.IsCommitted)
                        _accepted.UnionWith(result.Offsets.Select(offset => (result.TopicPartition.Partition, offset)));
                    else
                        Refused += result.Offsets.Count;
                }
            }
        }
    }
}
