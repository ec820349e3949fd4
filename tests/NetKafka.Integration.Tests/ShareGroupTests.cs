using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests;

/// <summary>Share groups (KIP-932) on a real broker.</summary>
[Trait("Area", "Share")]
public sealed class ShareGroupTests(KafkaClusters clusters)
{
    static readonly TimeSpan LockTime = TimeSpan.FromSeconds(3);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_consumers_of_which_some_crash_handle_each_record_at_least_once()
    {
        const int records = 20_000;
        const int consumers = 10;
        var (cluster, group, topic) = await NewGroup(partitions: 4);
        await Produce(cluster, topic, records);
        var handled = new ConcurrentDictionary<string, int>();
        var accepted = new ConcurrentDictionary<(int Partition, long Offset), int>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        async Task Work(int number)
        {
            // Every third one loses its connections in the middle of its work, and another takes its place.
            var limit = number % 3 == 0 ? records / 100 : int.MaxValue;
            while (!stop.IsCancellationRequested)
            {
                await using var line = new CutLine(cluster.BootstrapServers);
                await using var consumer = line.Client.CreateShareConsumer<Nothing, string>(Options(group, topic, told =>
                {
                    foreach (var result in told.Where(static result => result.IsCommitted))
                    {
                        foreach (var offset in result.Offsets)
                            accepted.AddOrUpdate((result.TopicPartition.Partition, offset), 1, static (_, count) => count + 1);
                    }
                }));
                var count = 0;
                try
                {
                    await foreach (var record in consumer.ReadAllAsync(stop.Token))
                    {
                        handled.AddOrUpdate(record.Value, 1, static (_, times) => times + 1);
                        if (++count == limit)
                        {
                            line.Cut();
                            break;
                        }
                    }
                }
                catch (OperationCanceledException)
                {
                }
                limit = int.MaxValue;
            }
        }
        var workers = Enumerable.Range(0, consumers).Select(Work).ToList();
        await Wait.Until(() => accepted.Count == records, $"{records} records are accepted", Cancellation);
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Equal(records, handled.Count);
    }

    [Fact]
    public async Task Poison_record_is_done_away_with_after_five_deliveries_and_the_others_are_accepted()
    {
        const int records = 50;
        const string poison = "17";
        var (cluster, group, topic) = await NewGroup();
        await Produce(cluster, topic, records);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var consumer = kafka.CreateShareConsumer<Nothing, string>(Options(group, topic));
        var counts = new List<short>();
        var accepted = new ConcurrentDictionary<string, bool>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var work = consumer.ProcessAsync((record, _) =>
        {
            if (record.Value == poison)
            {
                lock (counts)
                    counts.Add(record.DeliveryCount);
                throw new InvalidOperationException("It cannot be worked on.");
            }
            accepted[record.Value] = true;
            return default;
        }, cancellation: stop.Token);
        await Wait.Until(() => accepted.Count == records - 1 && Count() == 5, "all is done but the poison, which came five times", Cancellation);
        await Produce(cluster, topic, 1, from: records);
        await Wait.Until(() => accepted.ContainsKey($"{records}"), "the next record is handled", Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.Equal(new short[] { 1, 2, 3, 4, 5 }, counts);

        int Count()
        {
            lock (counts)
                return counts.Count;
        }
    }

    [Fact]
    public async Task Explicit_acknowledgements_are_committed_by_partition_and_what_is_released_comes_again()
    {
        var (cluster, group, topic) = await NewGroup();
        await Produce(cluster, topic, 4);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var options = Options(group, topic);
        options.AcknowledgementMode = ShareAcknowledgementMode.Explicit;
        await using var consumer = kafka.CreateShareConsumer<Nothing, string>(options);
        var seen = new List<(long Offset, short Count)>();
        await foreach (var record in consumer.ReadAllAsync(Cancellation))
        {
            seen.Add((record.Offset, record.DeliveryCount));
            if (seen.Count == 5)
            {
                consumer.Acknowledge(record);
                break;
            }
            consumer.Acknowledge(record, record.Offset switch { 1 => AcknowledgeType.Release, 2 => AcknowledgeType.Reject, _ => AcknowledgeType.Accept });
            Assert.Throws<InvalidOperationException>(() => consumer.Acknowledge(record));
        }
        var result = Assert.Single(await consumer.CommitAsync(Cancellation));
        Assert.True(result.IsCommitted);
        Assert.Equal([1], result.Offsets);
        Assert.Equal([(0, 1), (1, 1), (2, 1), (3, 1), (1, 2)], seen);
        Assert.Equal(TimeSpan.FromSeconds(30), consumer.AcquisitionLockTimeout);
        Assert.Equal(("earliest", "read_uncommitted", TimeSpan.FromSeconds(30)),
            (consumer.GroupSettings!.AutoOffsetReset, consumer.GroupSettings.IsolationLevel, consumer.GroupSettings.RecordLockDuration!.Value));
    }

    [Fact]
    public async Task Kafka_without_share_groups_is_told_to_be_too_old()
    {
        var cluster = await clusters.Shared(KafkaRelease.Older);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var consumer = kafka.CreateShareConsumer<Nothing, string>(cluster.NewName("share"), topic);
        var error = await Wait.Fails<KafkaException>(async () => await consumer.ReadAllAsync(Cancellation).GetAsyncEnumerator().MoveNextAsync());
        Assert.Equal((ErrorCode.UnsupportedVersion, true), (error.Code, error.IsFatal));
        Assert.Contains("4.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_group_begins_at_the_latest_records_as_its_settings_say()
    {
        var (cluster, group, topic) = await NewGroup(settings: []);
        await Produce(cluster, topic, 20);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var consumer = kafka.CreateShareConsumer<Nothing, string>(group, topic);
        await using var records = consumer.ReadAllAsync(Cancellation).GetAsyncEnumerator();
        var next = records.MoveNextAsync().AsTask();
        // The group has its place only some time after the first join: what is written before is not its own.
        var number = 1000;
        await Wait.Until(
            async () =>
            {
                if (!next.IsCompleted)
                    await Produce(cluster, topic, 1, from: number++);
                return next.IsCompleted;
            },
            "the group is given a record", Cancellation);
        Assert.True(await next);
        Assert.True(int.Parse(records.Current.Value, System.Globalization.CultureInfo.InvariantCulture) >= 1000);
        Assert.Equal("latest", consumer.GroupSettings!.AutoOffsetReset);
    }

    [Fact]
    public async Task Strict_limit_holds_and_others_have_the_rest()
    {
        const int limit = 7;
        const int count = 100;
        var (cluster, group, topic) = await NewGroup();
        await Produce(cluster, topic, count);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var options = Options(group, topic);
        (options.AcquireMode, options.MaxPollRecords, options.AcknowledgementMode) = (ShareAcquireMode.RecordLimit, limit, ShareAcknowledgementMode.Explicit);
        await using var first = kafka.CreateShareConsumer<Nothing, string>(options);
        await using var records = first.ReadAllAsync(Cancellation).GetAsyncEnumerator();
        var held = new List<string>();
        while (held.Count < limit && await records.MoveNextAsync())
            held.Add(records.Current.Value);

        // The first one holds what it has and asks for nothing: all others are there for somebody else.
        options.AcknowledgementMode = ShareAcknowledgementMode.Implicit;
        await using var second = kafka.CreateShareConsumer<Nothing, string>(options);
        var read = new HashSet<string>();
        await foreach (var batch in second.ReadBatchesAsync(Cancellation))
        {
            Assert.InRange(batch.Count, 1, limit);
            read.UnionWith(batch.Select(static record => record.Value));
            if (read.Count == count - limit)
                break;
        }
        Assert.Empty(read.Intersect(held));
    }

    [Fact]
    public async Task Lock_is_renewed_for_as_long_as_its_handler_runs_and_ends_where_nobody_renews_it()
    {
        await using var cluster = await clusters.Own(settings: new Dictionary<string, string>
        {
            ["group.share.min.record.lock.duration.ms"] = "1000", ["group.share.record.lock.duration.ms"] = $"{LockTime.TotalMilliseconds}",
        }, cancellation: Cancellation);
        var (_, group, topic) = await NewGroup(cluster: cluster);
        var (_, other, _) = await NewGroup(cluster: cluster);
        await Produce(cluster, topic, 1);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var told = new ConcurrentQueue<ShareAcknowledgement>();
        await using var renewing = kafka.CreateShareConsumer<Nothing, string>(Options(group, topic, results =>
        {
            foreach (var result in results)
                told.Enqueue(result);
        }));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var (deliveries, isSlow) = (new ConcurrentQueue<short>(), new TaskCompletionSource());
        var work = renewing.ProcessAsync(async (record, _) =>
        {
            deliveries.Enqueue(record.DeliveryCount);
            await isSlow.Task;
            await stop.CancelAsync();
        }, cancellation: stop.Token);
        await Wait.Until(() => !deliveries.IsEmpty, "the handler has begun", Cancellation);

        // Of the same record another group lets the lock end, twice: so long at least has the handler had its own.
        var options = Options(other, topic);
        options.AcknowledgementMode = ShareAcknowledgementMode.Explicit;
        await using var letting = kafka.CreateShareConsumer<Nothing, string>(options);
        await foreach (var record in letting.ReadAllAsync(Cancellation))
        {
            Assert.Equal(LockTime, letting.AcquisitionLockTimeout);
            if (record.DeliveryCount < 4)
                continue;
            letting.Acknowledge(record);
            break;
        }
        Assert.True(Assert.Single(await letting.CommitAsync(Cancellation)).IsCommitted);
        isSlow.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.Equal([(short)1], deliveries.ToArray());
        Assert.All(told, static result => Assert.Null(result.Error));
        Assert.True(told.Count >= 3, $"the lock was renewed {told.Count - 1} times");
    }

    [Fact]
    public async Task Acknowledgement_behind_the_end_of_its_lock_is_told_as_not_counted()
    {
        await using var cluster = await clusters.Own(settings: new Dictionary<string, string>
        {
            ["group.share.min.record.lock.duration.ms"] = "1000", ["group.share.record.lock.duration.ms"] = "1000",
        }, cancellation: Cancellation);
        var (_, group, topic) = await NewGroup(cluster: cluster);
        await Produce(cluster, topic, 1);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var options = Options(group, topic);
        options.AcknowledgementMode = ShareAcknowledgementMode.Explicit;
        await using var slow = kafka.CreateShareConsumer<Nothing, string>(options);
        await using var held = slow.ReadAllAsync(Cancellation).GetAsyncEnumerator();
        Assert.True(await held.MoveNextAsync());
        await using var quick = kafka.CreateShareConsumer<Nothing, string>(options);
        await foreach (var record in quick.ReadAllAsync(Cancellation))
        {
            Assert.Equal(2, record.DeliveryCount);
            break;
        }

        // Before the other one has said anything: of what is done a broker takes every word.
        slow.Acknowledge(held.Current);
        var result = Assert.Single(await slow.CommitAsync(Cancellation));
        Assert.Equal(ErrorCode.InvalidRecordState, result.Error!.Code);
    }

    [Fact]
    public async Task Java_and_we_share_a_group_and_its_tool_shows_us()
    {
        const int records = 400;
        var (cluster, group, topic) = await NewGroup(partitions: 2);
        await using var java = cluster.Tools.StartConsoleShareConsumer(topic, group);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = cluster.BootstrapServers, ClientId = "we-share" });
        await using var consumer = kafka.CreateShareConsumer<Nothing, string>(Options(group, topic));
        var ours = new ConcurrentBag<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var work = consumer.ProcessAsync((record, _) =>
        {
            ours.Add(record.Value);
            return default;
        }, cancellation: stop.Token);
        var written = 0;
        IReadOnlyList<string> javas = [];
        await Wait.Until(async () =>
        {
            if (written < records || javas.Count == 0 || ours.IsEmpty)
            {
                await Produce(cluster, topic, 10, from: written);
                written += 10;
            }
            javas = await java.Lines(Cancellation);
            return written >= records && javas.Count > 0 && !ours.IsEmpty && javas.Count + ours.Count >= written;
        }, "both have worked on some, and all is done", Cancellation);
        Assert.Equal(Enumerable.Range(0, written).Select(static number => $"{number}").Order(), javas.Concat(ours).Order());

        var members = (await cluster.Tools.ShareGroups(["--describe", "--group", group, "--members"], Cancellation)).Output;
        Assert.Contains("we-share", members, StringComparison.Ordinal);
        Assert.Contains(consumer.MemberId, members, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        await consumer.DisposeAsync();
        Assert.DoesNotContain("we-share", (await cluster.Tools.ShareGroups(["--describe", "--group", group, "--members"], Cancellation)).Output, StringComparison.Ordinal);
    }

    static ShareConsumerOptions Options(string group, string topic, Action<IReadOnlyList<ShareAcknowledgement>>? told = null) =>
        new() { GroupId = group, Topics = [topic], OnAcknowledged = told };

    async Task<SharedTopic> NewGroup(int partitions = 1, KafkaCluster? cluster = null, IReadOnlyList<string>? settings = null) =>
        await SharedTopic.On(cluster ?? await clusters.Shared(KafkaRelease.Newest), partitions, settings, cancellation: Cancellation);

    static Task Produce(KafkaCluster cluster, string topic, int records, int from = 0) =>
        new SharedTopic(cluster, "", topic).Produce(records, from, Cancellation);

    /// <summary>A client whose connections can be cut, as those of a program that is killed are.</summary>
    sealed class CutLine : IAsyncDisposable
    {
        readonly ConcurrentBag<Stream> _streams = [];
        volatile bool _isCut;

        public CutLine(string bootstrap) => Client = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = bootstrap,
            ConnectCallback = async (endpoint, cancellation) =>
            {
                if (_isCut)
                    throw new IOException("The line is cut.");
                var stream = await RelayStream.ConnectAsync(endpoint, cancellation);
                _streams.Add(stream);
                return stream;
            },
        });

        public KafkaClient Client { get; }

        public void Cut()
        {
            _isCut = true;
            foreach (var stream in _streams)
                stream.Dispose();
        }

        public ValueTask DisposeAsync() => Client.DisposeAsync();
    }
}
