using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests;

/// <summary>Locks of share groups (KIP-932) as long as brokers have them unless they are told otherwise; apart from other tests, since it takes its time.</summary>
[Trait("Area", "Share")]
public sealed class ShareLockTests(KafkaClusters clusters)
{
    static readonly TimeSpan Held = TimeSpan.FromSeconds(36);
    static readonly TimeSpan BetweenRenewals = TimeSpan.FromSeconds(12);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Renewed_record_is_nobody_elses_past_the_time_of_its_lock_and_can_be_accepted_then()
    {
        var work = await SharedTopic.On(await clusters.Shared(KafkaRelease.Newest), cancellation: Cancellation);
        var clock = await work.Cluster.CreateTopic(
            settings: new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" }, cancellation: Cancellation);
        await work.Produce(1, cancellation: Cancellation);
        await using var kafka = new KafkaClient(work.Cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<Nothing, string>();
        var told = new ConcurrentQueue<ShareAcknowledgement>();
        await using var renewing = kafka.CreateShareConsumer<Nothing, string>(work.ExplicitOptions(results =>
        {
            foreach (var result in results)
                told.Enqueue(result);
        }));
        await using var records = renewing.ReadAllAsync(Cancellation).GetAsyncEnumerator();
        Assert.True(await records.MoveNextAsync());
        var held = records.Current;
        var others = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var waiting = kafka.CreateShareConsumer<Nothing, string>(work.Options());
        var waitingWork = waiting.ProcessAsync((record, _) =>
        {
            others.Enqueue(record.Value);
            return default;
        }, cancellation: stop.Token);

        var begin = await BrokerTime();
        var (now, renewals) = (begin, 0);
        await Wait.Until(async () =>
        {
            now = await BrokerTime();
            if (now - begin >= BetweenRenewals * (renewals + 1))
            {
                // It goes at once, so the commit may find it answered.
                renewing.Acknowledge(held, AcknowledgeType.Renew);
                await renewing.CommitAsync(Cancellation);
                renewals++;
            }
            return now - begin > Held;
        }, $"{Held.TotalSeconds} s are over at the broker", Cancellation);
        Assert.Equal(TimeSpan.FromSeconds(30), renewing.AcquisitionLockTimeout);

        // The other one is served all the time: what is there for it, it gets.
        await work.Produce(1, from: 1, Cancellation);
        await Wait.Until(() => others.Contains("1"), "the next record is the other one's", Cancellation);
        renewing.Acknowledge(held);
        await renewing.CommitAsync(Cancellation);
        await Wait.Until(() => told.Any(static one => !one.IsRenewal), "the record is accepted", Cancellation);
        Assert.All(told, static one => Assert.True(one.IsCommitted));
        Assert.Equal(renewals, told.Count(static one => one.IsRenewal));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waitingWork);
        Assert.Equal(["1"], others);

        async Task<DateTimeOffset> BrokerTime() => (await producer.ProduceAsync(clock, default, "", Cancellation)).Timestamp;
    }
}
