using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>
/// Three processes of a sample copy a topic in transactions, as members of one group, while they and the brokers are ended: static ones of the
/// classic protocol, or such as come and go of the consumer protocol (KIP-848).
/// </summary>
[Trait("Area", "Transactions")]
public sealed class CopierTests(KafkaClusters clusters, ITestOutputHelper output)
{
    const int Copiers = 3;
    const int Partitions = 9;

    /// <summary>How many records they copy. NETKAFKA_COPIES sets it, and with it what <see cref="Blows"/> says.</summary>
    static readonly int Records = int.Parse(Environment.GetEnvironmentVariable("NETKAFKA_COPIES") ?? "30000", CultureInfo.InvariantCulture);

    /// <summary>A run of a million is on three brokers, which are killed as well, and copiers are held up until their session has ended.</summary>
    static readonly bool IsLong = Records >= 1_000_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    enum Blow
    {
        KillCopier,
        ChangeCopier,
        FreezeCopier,
        KillBroker,
    }

    [Theory]
    [InlineData(KafkaRelease.Newest, 2, GroupProtocol.Classic)]
    [InlineData(KafkaRelease.Newest, 1, GroupProtocol.Classic)]
    [InlineData(KafkaRelease.Older, 0, GroupProtocol.Classic)]
    [InlineData(KafkaRelease.Newest, 2, GroupProtocol.Consumer)]
    [InlineData(KafkaRelease.Newest, 1, GroupProtocol.Consumer)]
    public async Task Copiers_that_are_killed_at_any_moment_copy_each_record_once(string version, int level, GroupProtocol protocol)
    {
        await using var cluster = await clusters.OwnAtTransactionVersion(
            version, level, IsLong ? 3 : 1, protocol == GroupProtocol.Consumer ? GroupSessions.Short : null, Cancellation);
        var from = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        var to = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        await using var copiers = new CopierGroup(cluster, from, to, protocol);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var writer = kafka.CreateProducer<string, string>();
        await using var reader = kafka.CreateConsumer<string, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest });
        await reader.AssignAsync(Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(to, partition)), Cancellation);
        var seed = Random.Shared.Next();
        output.WriteLine($"{Records} records, {protocol}, seed {seed}");
        var random = new Random(seed);
        var blows = Blows(random, cluster.Nodes.Count(), protocol);
        var read = new List<string>();
        var written = 0;
        var restart = Task.CompletedTask;
        for (var at = 0; at < blows.Length; at++)
        {
            var begin = written;
            await WriteUntil((int)((long)Records * (at + 1) / (blows.Length + 1)));
            // Each comes somewhere in the middle of its part of the work.
            await ReadUntil(random.Next(begin, written), $"a piece of part {at}");
            var (blow, target) = blows[at];
            output.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {blow} {target}");
            switch (blow)
            {
                case Blow.KillCopier:
                    await copiers.Replace(target);
                    break;
                case Blow.ChangeCopier:
                    await copiers.Change(target, Cancellation);
                    break;
                case Blow.FreezeCopier:
                    copiers[target].Freeze();
                    // Once all of it is there, others have taken its partitions over.
                    await ReadUntil(written, $"part {at} without copier {target}");
                    copiers[target].Thaw();
                    break;
                default:
                    await restart;
                    await cluster.Kill(target, Cancellation);
                    restart = cluster.Start(target, Cancellation);
                    break;
            }
        }
        await WriteUntil(Records);
        await restart;
        await ReadUntil(Records, "all copies");
        await copiers.End(Cancellation);

        // Behind all copies stands a mark in each partition: what came twice would push one out of what is read.
        foreach (var mark in Marks)
            await writer.PostAsync(new ProducerRecord<string, string>(to, "mark", $"{mark}") { Partition = -1 - mark }, cancellation: Cancellation);
        await writer.FlushAsync(Cancellation);
        await ReadUntil(Records + Partitions, "all copies and marks");
        int[] expected = [.. Marks.Order(), .. Enumerable.Range(0, Records)];
        Assert.Equal(expected, Numbers(read));
        Assert.Equal(expected, Numbers(await cluster.Tools.ConsoleConsume(
            to, Records + Partitions, consumerProperties: ["isolation.level=read_committed"], cancellation: Cancellation)));

        async Task WriteUntil(int count)
        {
            for (; written < count; written++)
                await writer.PostAsync(new ProducerRecord<string, string>(from, $"{written}", $"{written}"), cancellation: Cancellation);
            await writer.FlushAsync(Cancellation);
        }

        async Task ReadUntil(int count, string what)
        {
            if (read.Count < count)
                read.AddRange((await reader.TakeUntil(records => read.Count + records.Count >= count, what, Cancellation)).Select(static record => record.Value));
        }
    }

    static IEnumerable<int> Marks => Enumerable.Range(0, Partitions).Select(static partition => -1 - partition);

    /// <summary>
    /// What is done to whom, in a random order: nine kills, or fifty, five freezes, and three of each broker. Members that come and go leave in
    /// order as often as they are killed.
    /// </summary>
    static (Blow Blow, int Target)[] Blows(Random random, int brokers, GroupProtocol protocol)
    {
        var blows = Enumerable.Range(0, IsLong ? 50 : 9).Select(static i => (Blow.KillCopier, i % Copiers));
        if (protocol == GroupProtocol.Consumer)
            blows = blows.Concat(blows.Select(static blow => (Blow.ChangeCopier, blow.Item2)));
        if (IsLong)
        {
            blows = blows
                .Concat(Enumerable.Range(0, 5).Select(static i => (Blow.FreezeCopier, i % Copiers)))
                .Concat(Enumerable.Range(0, 3 * brokers).Select(i => (Blow.KillBroker, 1 + i % brokers)));
        }
        var order = blows.ToArray();
        random.Shuffle(order);
        return order;
    }

    static IEnumerable<int> Numbers(IEnumerable<string> values) => values.Select(static value => int.Parse(value, CultureInfo.InvariantCulture)).Order();

    /// <summary>The processes, of which none may end by itself.</summary>
    sealed class CopierGroup : IAsyncDisposable
    {
        const int EndedBySignal = 130;

        readonly Func<int, SampleProgram> _start;
        readonly SampleProgram[] _copiers;

        public CopierGroup(KafkaCluster cluster, string from, string to, GroupProtocol protocol)
        {
            var (group, id) = (cluster.NewName("copiers"), cluster.NewName("copier"));
            _start = i => SampleProgram.Start(SampleProgram.ExactlyOnce,
                ["--bootstrap", cluster.BootstrapServers, "--from", from, "--to", to, "--group", group, "--transactional-id", $"{id}-{i}", "--protocol", $"{protocol}"]);
            _copiers = [.. Enumerable.Range(0, Copiers).Select(_start)];
        }

        public SampleProgram this[int copier] => _copiers[copier];

        /// <summary>KILL, and another one under its name.</summary>
        public async Task Replace(int copier)
        {
            if (_copiers[copier].HasEnded)
                Fail(await _copiers[copier].Ended(Cancellation));
            await _copiers[copier].DisposeAsync();
            _copiers[copier] = _start(copier);
        }

        /// <summary>Ctrl+C, and another one in its place.</summary>
        public async Task Change(int copier, CancellationToken cancellation)
        {
            // One that has just been started may not listen to it yet, and dies of it.
            await End(_copiers[copier], cancellation, EndedBySignal);
            await _copiers[copier].DisposeAsync();
            _copiers[copier] = _start(copier);
        }

        /// <summary>Ctrl+C for all of them.</summary>
        public async Task End(CancellationToken cancellation)
        {
            foreach (var copier in _copiers)
                await End(copier, cancellation);
        }

        static async Task End(SampleProgram copier, CancellationToken cancellation, int otherExitCode = 0)
        {
            var end = copier.HasEnded ? await copier.Ended(cancellation) : await copier.Interrupt(cancellation);
            if (end.ExitCode != 0 && end.ExitCode != otherExitCode)
                Fail(end);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var copier in _copiers)
                await copier.DisposeAsync();
        }

        static void Fail(ToolResult end) => Assert.Fail($"A copier ended with {end.ExitCode}.\n{end.Output}\n{end.Error}");
    }
}
