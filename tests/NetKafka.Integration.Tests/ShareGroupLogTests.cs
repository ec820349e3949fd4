using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests;

/// <summary>Logs that are more than records one behind the other, worked through by share groups (KIP-932).</summary>
[Trait("Area", "Share")]
public sealed class ShareGroupLogTests(KafkaClusters clusters)
{
    const string Mark = "mark";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compacted_topic_is_worked_through_to_its_end_though_records_are_gone_that_had_been_delivered()
    {
        const int Keys = 20;
        var work = await SharedTopic.On(
            await clusters.Shared(KafkaRelease.Newest), topicSettings: TopicSettings.SoonCompacted, cancellation: Cancellation);
        var partition = new TopicPartition(work.Topic, 0);
        await using var kafka = new KafkaClient(work.Cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string, string>();
        // Of these the group lets go, and then they are cleaned away.
        var end = await WriteRound(0);
        await using (var first = kafka.CreateShareConsumer<string, string>(work.ExplicitOptions()))
        {
            var released = 0;
            await foreach (var record in first.ReadAllAsync(Cancellation))
            {
                first.Acknowledge(record, AcknowledgeType.Release);
                if (++released == Keys)
                    break;
            }
            Assert.All(await first.CommitAsync(Cancellation), static result => Assert.True(result.IsCommitted));
        }
        await using var reader = kafka.CreateConsumer<string, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        await reader.AssignAsync([new TopicPartitionOffset(partition, 0)], Cancellation);
        var round = 0;
        await Wait.Until(
            async () =>
            {
                end = await WriteRound(++round);
                var left = await ReadLog();
                return left[0].Offset >= Keys && left.Count < end - 2 * Keys;
            },
            "the log is compacted", Cancellation);
        var mark = (await producer.ProduceAsync(work.Topic, Mark, Mark, Cancellation)).Offset;

        var (told, delivered) = (new ConcurrentQueue<ShareAcknowledgement>(), new List<(long Offset, string Key, string Value)>());
        await using var second = kafka.CreateShareConsumer<string, string>(work.Options(results =>
        {
            foreach (var result in results)
                told.Enqueue(result);
        }));
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            await foreach (var record in second.ReadAllAsync(limit.Token))
            {
                delivered.Add((record.Offset, record.Key, record.Value));
                if (record.Offset == mark)
                    break;
            }
        }
        await second.DisposeAsync();

        Assert.Equal(delivered.Select(static record => record.Offset).Distinct().Order(), delivered.Select(static record => record.Offset));
        Assert.True(delivered.Count < mark, "Nothing was gone.");
        Assert.All(delivered.GroupBy(static record => record.Key).Where(static key => key.Key != Mark), records => Assert.Equal($"{round}", records.Last().Value));
        end = mark + 1;
        Assert.Empty((await ReadLog()).Select(static record => (record.Offset, record.Key, record.Value)).Except(delivered));
        Assert.All(told, static result => Assert.Null(result.Error));
        // The mark is left to do, which the loop has left behind, and nothing at the offsets that hold no record.
        var left = (await work.Cluster.Tools.ShareGroups(["--describe", "--group", work.Group, "--offsets"], Cancellation)).Output;
        Assert.Equal("1", left.Split('\n').Single(line => line.Contains(work.Topic, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);

        async Task<long> WriteRound(int number)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => producer.ProduceAsync(work.Topic, $"{key}", $"{number}", Cancellation).AsTask()));
            return results.Max(static result => result.Offset) + 1;
        }

        async Task<List<ReadRecord<string, string>>> ReadLog()
        {
            await reader.SeekAsync(new TopicPartitionOffset(partition, 0), Cancellation);
            return await reader.TakeUntil(records => records[^1].Offset == end - 1, "all of the log", Cancellation);
        }
    }

    [Fact]
    public async Task Groups_of_committed_records_get_nothing_of_aborted_transactions_and_others_get_all()
    {
        const int Partitions = 3;
        const int Transactions = 30;
        const int Each = 20;
        var all = await SharedTopic.On(
            await clusters.Shared(KafkaRelease.Newest), Partitions, ["share.auto.offset.reset=earliest", "share.isolation.level=read_uncommitted"],
            cancellation: Cancellation);
        var committed = await all.ForAnotherGroup(["share.auto.offset.reset=earliest", "share.isolation.level=read_committed"], Cancellation);
        await using var kafka = new KafkaClient(all.Cluster.BootstrapServers);
        await using var uncommittedWork = new ShareWorker(kafka, all);
        await using var committedWork = new ShareWorker(kafka, committed);
        await using (var producer = kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = all.Cluster.NewName("txn") }))
        {
            for (var transaction = 0; transaction < Transactions; transaction++)
            {
                await producer.BeginTransactionAsync(Cancellation);
                for (var i = 0; i < Each; i++)
                {
                    await producer.PostAsync(
                        new ProducerRecord<string, string>(all.Topic, IsCommitted(transaction) ? "committed" : "aborted", $"{transaction}/{i}") { Partition = i % Partitions },
                        cancellation: Cancellation);
                }
                // What is still here when a transaction is aborted is never written.
                await producer.FlushAsync(Cancellation);
                if (IsCommitted(transaction))
                    await producer.CommitTransactionAsync(Cancellation);
                else
                    await producer.AbortTransactionAsync(Cancellation);
            }
            // Behind all transactions, and outside of any.
            await using var plain = kafka.CreateProducer<string, string>();
            for (var partition = 0; partition < Partitions; partition++)
                await plain.ProduceAsync(new ProducerRecord<string, string>(all.Topic, "committed", $"{Mark}/{partition}") { Partition = partition }, Cancellation);
        }
        var marks = Enumerable.Range(0, Partitions).Select(static partition => $"{Mark}/{partition}");
        string[] Values(Func<int, bool> isThere) =>
            [.. Enumerable.Range(0, Transactions).Where(isThere).SelectMany(static transaction => Enumerable.Range(0, Each).Select(i => $"{transaction}/{i}")).Concat(marks).Order()];
        await Expect(uncommittedWork, Values(static _ => true));
        await Expect(committedWork, Values(IsCommitted));

        // Not every other one: neighbours that end in the same way are there too.
        static bool IsCommitted(int transaction) => transaction % 3 != 1 && transaction % 7 != 2;

        static async Task Expect(ShareWorker worker, string[] values)
        {
            await Wait.Until(() => worker.Values.Count >= values.Length, $"{values.Length} records are worked on", Cancellation);
            await worker.DisposeAsync();
            Assert.Equal(values, worker.Values.Order());
            // What was told of is what was delivered: an acknowledged marker of a transaction is nobody's record.
            Assert.Equal(worker.Positions.Order(), worker.Accepted.Order());
            Assert.Equal(0, worker.Refused);
        }
    }

    /// <summary>Works through a topic until it is disposed.</summary>
    sealed class ShareWorker : IAsyncDisposable
    {
        readonly ShareConsumer<string, string> _consumer;
        readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        readonly Task _work;
        int _refused;

        public ShareWorker(KafkaClient kafka, SharedTopic topic)
        {
            _consumer = kafka.CreateShareConsumer<string, string>(topic.Options(OnAcknowledged));
            _work = _consumer.ProcessAsync((record, _) =>
            {
                Positions.Enqueue((record.Partition, record.Offset));
                Values.Enqueue(record.Value);
                return default;
            }, cancellation: _stop.Token);
        }

        public ConcurrentQueue<string> Values { get; } = [];

        public ConcurrentQueue<(int Partition, long Offset)> Positions { get; } = [];

        public ConcurrentQueue<(int Partition, long Offset)> Accepted { get; } = [];

        public int Refused => _refused;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _work);
            await _consumer.DisposeAsync();
        }

        void OnAcknowledged(IReadOnlyList<ShareAcknowledgement> told)
        {
            foreach (var result in told)
            {
                if (!result.IsCommitted)
                    Interlocked.Add(ref _refused, result.Offsets.Count);
                foreach (var offset in result.Offsets)
                    Accepted.Enqueue((result.TopicPartition.Partition, offset));
            }
        }
    }
}
