using System.Collections.Concurrent;
using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>A stream of payments through a group whose members come and go.</summary>
[Trait("Area", "Consumer")]
public sealed class MillionPaymentsTests(KafkaClusters clusters)
{
    const int Partitions = 6;
    const int Customers = 600;

    /// <summary>How many there are at least: they flow until the group has gone its way. NETKAFKA_PAYMENTS sets it.</summary>
    static readonly int Payments =
        int.Parse(Environment.GetEnvironmentVariable("NETKAFKA_PAYMENTS") ?? "1000000", CultureInfo.InvariantCulture);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PartitionAssignmentStrategy.Range)]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky)]
    [InlineData(null)] // The consumer protocol, in which the broker shares out.
    public async Task Payments_come_once_and_in_order_while_the_group_goes_from_one_member_to_three_and_back(PartitionAssignmentStrategy? strategy)
    {
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(Partitions, kind: "payments", cancellation: Cancellation);
        var group = cluster.NewName("realtime-risk");
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var ledger = new Ledger();
        using var changed = new CancellationTokenSource();
        var producing = Task.Run(() => Produce(kafka, topic, changed.Token), Cancellation);

        var first = new Member(kafka, group, topic, strategy, ledger);
        await Wait.Until(() => ledger.Count >= Payments / 10 && first.Assigned == Partitions, "one member reads all partitions", Cancellation);
        var others = new[] { new Member(kafka, group, topic, strategy, ledger), new Member(kafka, group, topic, strategy, ledger) };
        await Wait.Until(() => others.All(member => member.HasRead && member.Assigned == 2) && first.Assigned == 2, "three members read two partitions each", Cancellation);
        foreach (var member in others)
            await member.Leave();
        await Wait.Until(() => first.Assigned == Partitions, "one member has all partitions again", Cancellation);
        await changed.CancelAsync();
        var written = await producing;
        await Wait.Until(() => ledger.Count >= written.Values.Sum(), "all payments are read", Cancellation);
        await first.Leave();

        Assert.True(written.Values.Sum() >= Payments);
        Assert.Equal(written.OrderBy(partition => partition.Key), ledger.NextOffsets.OrderBy(partition => partition.Key));
        Assert.Empty(ledger.Mistakes);
        Assert.Equal(
            written.ToDictionary(partition => $"{topic}-{partition.Key}", partition => partition.Value),
            await cluster.Tools.CommittedOffsets(group, Cancellation));
    }

    /// <summary>Payment i is of customer i modulo their number, so a customer's payments ascend. How many each partition has.</summary>
    static async Task<Dictionary<int, long>> Produce(KafkaClient kafka, string topic, CancellationToken enough)
    {
        var written = new ConcurrentDictionary<int, long>();
        Exception? failure = null;
        await using (var producer = kafka.CreateProducer<int, long>())
        {
            for (var i = 0L; i < Payments || !enough.IsCancellationRequested; i++)
            {
                // What is more than wanted only has to keep the members busy.
                if (i > Payments && i % Customers == 0)
                    await producer.FlushAsync(Cancellation);
                await producer.PostAsync(
                    new ProducerRecord<int, long>(topic, (int)(i % Customers), i),
                    report =>
                    {
                        failure ??= report.Error;
                        written.AddOrUpdate(report.Metadata.Partition, 1, static (_, count) => count + 1);
                    },
                    cancellation: Cancellation);
            }
        }
        return failure is null ? new(written) : throw failure;
    }

    /// <summary>What was read, checked record by record.</summary>
    sealed class Ledger
    {
        readonly long[] _lastOfCustomer = [.. Enumerable.Repeat(-1L, Customers)];
        readonly long[] _nextOffset = new long[Partitions];
        readonly Lock[] _gates = [.. Enumerable.Range(0, Partitions).Select(_ => new Lock())];
        int _count;

        public int Count => Volatile.Read(ref _count);

        public ConcurrentQueue<string> Mistakes { get; } = new();

        public Dictionary<int, long> NextOffsets => Enumerable.Range(0, Partitions).ToDictionary(partition => partition, partition => _nextOffset[partition]);

        /// <summary>A partition's next record has the next offset, and a customer's next payment is one round later: none lost, none twice.</summary>
        public void Take(int partition, long offset, int customer, long payment)
        {
            lock (_gates[partition])
            {
                var expected = _lastOfCustomer[customer] < 0 ? customer : _lastOfCustomer[customer] + Customers;
                if ((offset != _nextOffset[partition] || payment != expected) && Mistakes.Count < 20)
                    Mistakes.Enqueue($"Partition {partition}: payment {payment} at {offset}; due was payment {expected} at {_nextOffset[partition]}.");
                (_nextOffset[partition], _lastOfCustomer[customer]) = (offset + 1, payment);
            }
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>One consumer of the group, reading until it leaves.</summary>
    sealed class Member
    {
        readonly Consumer<int, long> _consumer;
        readonly Ledger _ledger;
        readonly Task _reading;
        volatile bool _hasRead;

        /// <param name="kafka">The client.</param>
        /// <param name="group">The group.</param>
        /// <param name="topic">What it reads.</param>
        /// <param name="strategy">A strategy of the classic protocol; null for the consumer protocol.</param>
        /// <param name="ledger">Where it writes down what it read.</param>
        public Member(KafkaClient kafka, string group, string topic, PartitionAssignmentStrategy? strategy, Ledger ledger)
        {
            _ledger = ledger;
            var options = new ConsumerOptions { GroupId = group, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest };
            if (strategy is { } classic)
                (options.PartitionAssignmentStrategies, options.HeartbeatInterval) = ([classic], TimeSpan.FromMilliseconds(500));
            else
                options.GroupProtocol = GroupProtocol.Consumer;
            _consumer = kafka.CreateConsumer<int, long>(options);
            _reading = Task.Run(Read);
        }

        public bool HasRead => _hasRead;

        public int Assigned => _reading.IsFaulted ? throw _reading.Exception : _consumer.Assignment.Count;

        public async Task Leave()
        {
            await _consumer.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => _reading);
        }

        async Task Read()
        {
            await foreach (var payment in _consumer.ReadAllAsync(Cancellation))
            {
                _ledger.Take(payment.Partition, payment.Offset, payment.Key, payment.Value);
                _hasRead = true;
            }
        }
    }
}
