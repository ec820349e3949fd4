using NetKafka.Integration.Tests.Churn;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>A group that goes from the classic protocol to the consumer protocol and back, one member at a time, while records come (KIP-848).</summary>
[Trait("Area", "Consumer")]
public sealed class GroupMigrationTests(KafkaClusters clusters, ITestOutputHelper output)
{
    const int Partitions = 6;
    const int Members = 3;
    const int RecordsPerStep = 3_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ChurnWay.Eager)]
    [InlineData(ChurnWay.Cooperative)]
    public async Task Members_change_the_protocol_one_by_one_and_back_and_every_record_comes_once(ChurnWay classic)
    {
        await using var cluster = await clusters.Own(
            KafkaRelease.Newest, 1,
            new Dictionary<string, string>(GroupSessions.Short) { ["group.consumer.migration.policy"] = "bidirectional" }, Cancellation);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        var group = cluster.NewName("migrating");
        var ledger = new ChurnLedger(Partitions, GroupSessions.Session);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<int, long>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var producing = Task.Run(() => Produce(producer, topic, enough.Token), Cancellation);
        List<ChurnMember> members = [.. Enumerable.Range(0, Members).Select(i => Join(classic, i))];
        await Go("all have joined");
        foreach (var way in new[] { ChurnWay.Consumer, classic })
        {
            for (var i = 0; i < Members; i++)
            {
                await members[i].Leave();
                members[i] = Join(way, i);
                await Go($"{members[i]} has joined");
                output.WriteLine($"{members[i]}: the group is {await TypeOf(cluster, group)}");
            }
            Assert.Equal(way == ChurnWay.Consumer ? "Consumer" : "Classic", await TypeOf(cluster, group));
        }
        await enough.CancelAsync();
        var written = await producing;
        await Wait.Until(() => ledger.Finished >= written || ledger.Mistakes.Count > 0, "all records are read", Cancellation);
        foreach (var member in members)
            await member.Leave();

        Assert.Empty(ledger.Mistakes);
        Assert.Equal(0, ledger.Repeats);
        Assert.Equal(written, ledger.Ends.Sum());
        Assert.Equal(written, (await cluster.Tools.CommittedOffsets(group, Cancellation)).Values.Sum());

        ChurnMember Join(ChurnWay way, int slot) => new(cluster.BootstrapServers, group, topic, way, slot, $"{way}-{slot}", ledger);

        // Each has its share, and the group has read on since.
        async Task Go(string what)
        {
            await Wait.Until(() => ledger.Mistakes.Count > 0 || members.TrueForAll(static member => member.Owned == Partitions / Members), what + " and each has its share", Cancellation);
            var until = ledger.Finished + RecordsPerStep;
            await Wait.Until(() => ledger.Mistakes.Count > 0 || ledger.Finished >= until, what + " and the group reads on", Cancellation);
        }
    }

    static async Task<string> TypeOf(KafkaCluster cluster, string group)
    {
        var lines = (await cluster.Tools.Groups(["--list", "--type"], Cancellation)).Lines;
        return lines.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).First(columns => columns[0] == group)[1];
    }

    static async Task<long> Produce(Producer<int, long> producer, string topic, CancellationToken enough)
    {
        var written = 0L;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!enough.IsCancellationRequested)
        {
            for (var i = 0; i < 10 * Partitions; i++, written++)
                await producer.PostAsync(new ProducerRecord<int, long>(topic, i, written) { Partition = i % Partitions }, cancellation: Cancellation);
            await producer.FlushAsync(Cancellation);
            await pace.WaitForNextTickAsync(Cancellation);
        }
        return written;
    }
}
