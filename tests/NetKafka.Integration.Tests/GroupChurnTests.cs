using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Churn;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>Members of a group that join, leave, die and stand still, one after another, over records that go on coming.</summary>
[Trait("Area", "Consumer")]
public sealed class GroupChurnTests(KafkaClusters clusters, ITestOutputHelper output)
{
    const int Partitions = 12;
    const int RecordsPerEvent = 1_000;
    const int MostMembers = 6;
    const int FewestMembers = 2;
    const int MostHeld = 2;

    /// <summary>How often somebody joins, leaves, dies or stands still. NETKAFKA_CHURN sets it; from 1,000 on it is on three brokers.</summary>
    static readonly int Events = int.Parse(Environment.GetEnvironmentVariable("NETKAFKA_CHURN") ?? "15", CultureInfo.InvariantCulture);

    static readonly bool IsLong = Events >= 1_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    enum Blow
    {
        Join,
        Leave,
        Crash,
        Hold,
    }

    [Theory]
    [InlineData(ChurnWay.Eager)]
    [InlineData(ChurnWay.Cooperative)]
    [InlineData(ChurnWay.Consumer)]
    [InlineData(ChurnWay.Static)]
    [InlineData(ChurnWay.StaticConsumer)]
    public async Task Every_record_comes_once_but_for_what_the_dead_had_not_committed_and_no_partition_has_two_owners(ChurnWay way)
    {
        await using var cluster = await clusters.Own(KafkaRelease.Newest, IsLong ? 3 : 1, GroupSessions.Short, Cancellation);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        var seed = Random.Shared.Next();
        var ledger = new ChurnLedger(Partitions, GroupSessions.Session - GroupSessions.Heartbeat);
        var group = new ChurnGroup(cluster.BootstrapServers, cluster.NewName("churn"), topic, way, new Random(seed), ledger);
        output.WriteLine($"{way}: {Events} events, seed {seed}");
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<int, long>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watching = WatchCommits(kafka, group.Id, topic, ledger, enough.Token);
        var written = 0;
        await Write(2 * RecordsPerEvent);
        for (var at = 0; at < Events; at++)
        {
            output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {await group.Strike()}");
            // The next comes somewhere in what is read meanwhile, so as often as the group finds itself.
            var begin = written;
            await Write(RecordsPerEvent);
            await group.ReadUntil(begin - RecordsPerEvent, begin, Cancellation);
            if (ledger.Mistakes.Count > 0)
                break;
        }
        group.LetAllGo();
        if (ledger.Mistakes.Count == 0)
        {
            await Wait.Until(() => ledger.Finished >= written || ledger.Mistakes.Count > 0, "all records are read", Cancellation);
            await Wait.Until(() => ledger.IsAllLossTold || ledger.Mistakes.Count > 0, "all who have lost partitions are told so", Cancellation);
            // What one had finished that was given up meanwhile is read again by another.
            await Wait.Until(() => ledger.IsAllCommitted || ledger.Mistakes.Count > 0, "all records are committed", Cancellation);
        }
        await group.LeaveAll();
        await enough.CancelAsync();
        await watching;
        output.WriteLine($"{string.Join(", ", group.Counts)}; {ledger.Finished} records, {ledger.Repeats} of them came again, {ledger.Moves} partitions went over");
        foreach (var mistake in ledger.Mistakes)
            output.WriteLine(mistake);
        Assert.Empty(ledger.Mistakes);
        Assert.Equal(written, ledger.Ends.Sum());
        Assert.Equal(
            Enumerable.Range(0, Partitions).ToDictionary(partition => $"{topic}-{partition}", partition => ledger.Ends[partition]),
            await cluster.Tools.CommittedOffsets(group.Id, Cancellation));

        async Task Write(int count)
        {
            for (var i = 0; i < count; i++, written++)
                await producer.PostAsync(new ProducerRecord<int, long>(topic, written, written) { Partition = written % Partitions }, cancellation: Cancellation);
            await producer.FlushAsync(Cancellation);
        }
    }

    /// <summary>Looks all the time at what is committed.</summary>
    static async Task WatchCommits(KafkaClient kafka, string group, string topic, ChurnLedger ledger, CancellationToken enough)
    {
        await using var watcher = kafka.CreateConsumer<byte[], byte[]>(new ConsumerOptions { GroupId = group });
        TopicPartition[] partitions = [.. Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition))];
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await looks.WaitForNextTickAsync(enough))
            {
                foreach (var committed in await watcher.CommittedAsync(partitions, enough))
                {
                    if (committed.Offset >= 0)
                        ledger.Commit(committed.Partition, committed.Offset);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>The members that there are, and what becomes of them.</summary>
    sealed class ChurnGroup(string bootstrap, string id, string topic, ChurnWay way, Random random, ChurnLedger ledger)
    {
        readonly List<ChurnMember> _members = [];
        readonly List<(ChurnMember Member, bool IsForLong, int UntilEvent)> _held = [];
        readonly List<Task> _burials = [];
        int _names;
        int _events;

        public string Id => id;

        public SortedDictionary<string, int> Counts { get; } = [];

        /// <summary>Does something to somebody.</summary>
        public async Task<string> Strike()
        {
            _events++;
            LetGo();
            var isMany = _members.Count >= MostMembers;
            var isFew = _members.Count - _held.Count <= FewestMembers;
            Blow[] possible = [.. Enum.GetValues<Blow>().Where(blow => blow == Blow.Join ? !isMany : !isFew && (blow != Blow.Hold || _held.Count < MostHeld))];
            var blow = isFew && !isMany ? Blow.Join : possible[random.Next(possible.Length)];
            Counts[$"{blow}"] = Counts.GetValueOrDefault($"{blow}") + 1;
            ChurnMember[] active = [.. _members.Where(member => !_held.Exists(held => held.Member == member))];
            var target = active.Length > 0 ? active[random.Next(active.Length)] : null;
            switch (blow)
            {
                case Blow.Join:
                    int[] free = [.. Enumerable.Range(0, MostMembers).Except(_members.Select(static member => member.Slot))];
                    target = new ChurnMember(bootstrap, id, topic, way, free[random.Next(free.Length)], $"m{_names++}", ledger);
                    _members.Add(target);
                    break;
                case Blow.Leave:
                    _members.Remove(target!);
                    await target!.Leave();
                    break;
                case Blow.Crash:
                    _members.Remove(target!);
                    await target!.Crash();
                    _burials.Add(target.Bury());
                    break;
                default:
                    target!.Hold();
                    _held.Add((target, random.Next(2) == 0, _events + random.Next(1, 6)));
                    break;
            }
            return $"{blow} {target}";
        }

        /// <summary>Until some number of records between these is finished.</summary>
        public Task ReadUntil(int least, int most, CancellationToken cancellation)
        {
            var until = random.Next(least, most);
            return Wait.Until(
                () =>
                {
                    LetGo();
                    return ledger.Finished >= until || ledger.Mistakes.Count > 0;
                },
                $"{until} records are read", cancellation);
        }

        public void LetAllGo()
        {
            foreach (var (member, _, _) in _held)
                member.LetGo();
            _held.Clear();
        }

        public async Task LeaveAll()
        {
            foreach (var member in _members)
                await member.Leave();
            await Task.WhenAll(_burials);
        }

        /// <summary>Half of those that stand still go on once others have all that they had, the others after some events.</summary>
        void LetGo()
        {
            for (var i = _held.Count - 1; i >= 0; i--)
            {
                var (member, isForLong, untilEvent) = _held[i];
                if (isForLong ? !ledger.HasNothing(member) : _events < untilEvent)
                    continue;
                member.LetGo();
                _held.RemoveAt(i);
            }
        }
    }
}
