using System.Collections.Concurrent;
using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests;

/// <summary>
/// Groups of Java's members and ours, by each assignor of the classic protocol, led by the one or the other: the coordinator keeps the member
/// that came first as the leader for as long as it stays.
/// </summary>
[Trait("Area", "Consumer")]
public sealed class MixedGroupTests(KafkaClusters clusters)
{
    const int Partitions = 6;

    // What the leader forgets of a member would go to members with smaller ids first; so Java's has the greatest one and that of the member
    // which has nothing yet is in the middle.
    const string OurId = "a-ours";
    const string ThirdId = "b-third";
    const string JavaId = "c-java";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // None: the consumer protocol, in which the broker shares out, evenly by default.
    public static TheoryData<PartitionAssignmentStrategy?, bool> Groups => new()
    {
        { PartitionAssignmentStrategy.Range, true }, { PartitionAssignmentStrategy.Range, false },
        { PartitionAssignmentStrategy.RoundRobin, true }, { PartitionAssignmentStrategy.RoundRobin, false },
        { PartitionAssignmentStrategy.Sticky, true }, { PartitionAssignmentStrategy.Sticky, false },
        { PartitionAssignmentStrategy.CooperativeSticky, true }, { PartitionAssignmentStrategy.CooperativeSticky, false },
        { null, true }, { null, false },
    };

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task Java_and_we_share_a_group_and_read_each_payment_once(PartitionAssignmentStrategy? strategy, bool javaLeads)
    {
        var cluster = await clusters.Shared();
        var group = new MixedGroup(cluster, await cluster.CreateTopic(Partitions, cancellation: Cancellation), strategy);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<Nothing, string>();
        await using var ours = javaLeads ? null : group.Join(OurId);
        if (ours is not null)
            await Wait.Until(() => ours.Owned.Count == Partitions, "we read alone", Cancellation);
        await using var java = group.StartJava(JavaId);
        var readers = new List<Func<Task<IReadOnlyList<(int Partition, string Value)>>>> { () => Printed(java) };
        if (javaLeads)
            await ProduceAndRead(producer, group.Topic, "alone", readers);
        await using var second = ours ?? group.Join(OurId);
        readers.Add(() => Task.FromResult(second.Read));

        await Wait.Until(() => second.Owned.Count == Partitions / 2, "each has half of the partitions", Cancellation);
        var before = second.Owned;
        var first = await ProduceAndRead(producer, group.Topic, "two", readers);
        Assert.Equal(before, first[1]);
        Assert.Equal(Partitions / 2, first[0].Count);

        await using var third = group.Join(ThirdId);
        readers.Add(() => Task.FromResult(third.Read));
        await Wait.Until(() => second.Owned.Count == Partitions / 3 && third.Owned.Count == Partitions / 3, "each has a third", Cancellation);
        var last = await ProduceAndRead(producer, group.Topic, "three", readers);
        Assert.Equal([Partitions / 3, Partitions / 3, Partitions / 3], last.Select(read => read.Count));
        Assert.Equal([second.Owned, third.Owned], last[1..]);
        if (strategy is null)
            Assert.Equal([OurId, ThirdId, JavaId], await group.ShownClients());
        if (strategy is null or PartitionAssignmentStrategy.Sticky or PartitionAssignmentStrategy.CooperativeSticky)
        {
            Assert.Subset(first[0].ToHashSet(), last[0].ToHashSet());
            Assert.Subset(first[1].ToHashSet(), last[1].ToHashSet());
        }
    }

    /// <summary>Writes a payment to each partition, and tells which of them each reader has read once somebody has read each, and nobody twice.</summary>
    static async Task<List<IReadOnlyList<int>>> ProduceAndRead(
        Producer<Nothing, string> producer, string topic, string name, List<Func<Task<IReadOnlyList<(int Partition, string Value)>>>> readers)
    {
        for (var partition = 0; partition < Partitions; partition++)
            await producer.ProduceAsync(new ProducerRecord<Nothing, string>(topic, default, name) { Partition = partition }, Cancellation);
        var read = new List<IReadOnlyList<int>>();
        await Wait.Until(
            async () =>
            {
                read.Clear();
                foreach (var reader in readers)
                    read.Add([.. (await reader()).Where(record => record.Value == name).Select(record => record.Partition).Order()]);
                return read.Sum(partitions => partitions.Count) >= Partitions;
            },
            $"all payments '{name}' are read", Cancellation);
        Assert.Equal(Enumerable.Range(0, Partitions), read.SelectMany(partitions => partitions).Order());
        return read;
    }

    static async Task<IReadOnlyList<(int Partition, string Value)>> Printed(IRunningTool java) =>
    [
        .. (await java.Lines(Cancellation)).Select(static line => line.Split('\t'))
            .Select(static cells => (int.Parse(cells[0]["Partition:".Length..], CultureInfo.InvariantCulture), cells[1])),
    ];

    sealed class MixedGroup(KafkaCluster cluster, string topic, PartitionAssignmentStrategy? strategy)
    {
        readonly string _name = cluster.NewName("mixed");

        public string Topic => topic;

        public IRunningTool StartJava(string clientId) => cluster.Tools.StartConsoleConsumer(topic,
            strategy is null
                ? [$"group.id={_name}", $"client.id={clientId}", "group.protocol=consumer"]
                : [$"group.id={_name}", $"client.id={clientId}", $"partition.assignment.strategy={JavaClass}", "group.protocol=classic", "heartbeat.interval.ms=300"]);

        public Member Join(string clientId)
        {
            var options = new ConsumerOptions { GroupId = _name, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest };
            if (strategy is { } classic)
                (options.PartitionAssignmentStrategies, options.HeartbeatInterval) = ([classic], TimeSpan.FromMilliseconds(300));
            else
                options.GroupProtocol = GroupProtocol.Consumer;
            return new Member(cluster.BootstrapServers, clientId, options);
        }

        /// <summary>The clients that Java's tool shows, in order.</summary>
        public async Task<IEnumerable<string>> ShownClients()
        {
            var lines = (await cluster.Tools.Groups(["--describe", "--group", _name], Cancellation)).Lines;
            return lines.Where(line => line.StartsWith(_name, StringComparison.Ordinal))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).Distinct().Order(StringComparer.Ordinal);
        }

        string JavaClass => $"org.apache.kafka.clients.consumer.{strategy}Assignor";
    }

    /// <summary>A member of ours, which reads until it is disposed.</summary>
    sealed class Member : IAsyncDisposable
    {
        readonly KafkaClient _kafka;
        readonly Consumer<Nothing, string> _consumer;
        readonly ConcurrentQueue<(int Partition, string Value)> _read = new();
        readonly Task _reading;
        bool _isDisposed;

        public Member(string bootstrapServers, string clientId, ConsumerOptions options)
        {
            _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = bootstrapServers, ClientId = clientId });
            _consumer = _kafka.CreateConsumer<Nothing, string>(options);
            _reading = Task.Run(async () =>
            {
                await foreach (var payment in _consumer.ReadAllAsync(Cancellation))
                    _read.Enqueue((payment.Partition, payment.Value));
            }, Cancellation);
        }

        public IReadOnlyList<int> Owned => [.. _consumer.Assignment.Select(partition => partition.Partition)];

        public IReadOnlyList<(int Partition, string Value)> Read => [.. _read];

        public async ValueTask DisposeAsync()
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            await _consumer.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => _reading);
            await _kafka.DisposeAsync();
        }
    }
}
