using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Records;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>The consumer against the embedded Kafka, over in-memory streams.</summary>
public sealed class ConsumerTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, DefaultPartitions = 4 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public ConsumerTests() => _kafka = NewClient();

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    KafkaClient NewClient() =>
        new(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });

    static ConsumerOptions Options(string group, params string[] topics) =>
        new() { GroupId = group, Topics = topics, AutoOffsetReset = AutoOffsetReset.Earliest };

    async Task Produce(string topic, int from, int count, int? partition = null)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        var sends = new List<Task>();
        for (var i = from; i < from + count; i++)
        {
            var record = new ProducerRecord<string, string>(topic, $"key-{i}", $"value-{i}") { Partition = partition };
            sends.Add(producer.ProduceAsync(record).AsTask());
        }
        await Task.WhenAll(sends);
    }

    [Fact]
    public async Task Group_of_one_reads_every_record_once_and_in_order()
    {
        await Produce("payments", 0, 1000);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));

        var values = new List<string>();
        var offsets = new Dictionary<int, long>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Equal(offsets.GetValueOrDefault(record.Partition), record.Offset);
            offsets[record.Partition] = record.Offset + 1;
            Assert.Equal("key" + record.Value["value".Length..], record.Key);
            values.Add(record.Value);
            if (values.Count == 1000)
                break;
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"value-{i}").Order(), values.Order());
    }

    [Fact]
    public async Task Closing_commits_what_is_finished_and_the_next_member_goes_on_there()
    {
        await Produce("payments", 0, 10, partition: 0);
        await using (var first = _kafka.CreateConsumer<string, string>(Options("group", "payments")))
        {
            await foreach (var record in first.ReadAllAsync(_end.Token))
            {
                // The loop leaves with this record in hand, so it is not finished.
                if (record.Offset == 6)
                    break;
            }
        }
        Assert.Equal(6, _embedded.GetCommittedOffset("group", "payments", 0));

        await using var second = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        await foreach (var record in second.ReadAllAsync(_end.Token))
        {
            Assert.Equal(6, record.Offset);
            second.MarkFinished(record);
            break;
        }
        await second.DisposeAsync();
        Assert.Equal(7, _embedded.GetCommittedOffset("group", "payments", 0));
    }

    [Fact]
    public async Task Batches_give_the_same_records_as_reading_one_by_one()
    {
        await Produce("payments", 0, 500);
        await using var consumer = _kafka.CreateConsumer<ReadOnlyMemory<byte>, string>(Options("group", "payments"));

        var values = new List<string>();
        await foreach (var batch in consumer.ReadBatchesAsync(_end.Token))
        {
            foreach (var record in batch)
            {
                Assert.Equal(batch.TopicPartition, record.TopicPartition);
                Assert.Equal("key" + record.Value["value".Length..], System.Text.Encoding.UTF8.GetString(record.Key.Span));
                values.Add(record.Value);
            }
            if (values.Count == 500)
                break;
        }
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"value-{i}").Order(), values.Order());
    }

    [Fact]
    public async Task View_used_after_the_loop_went_on_throws()
    {
        await Produce("payments", 0, 2, partition: 0);
        await Produce("payments", 2, 2, partition: 1);
        await using var consumer = _kafka.CreateConsumer<string, ReadOnlyMemory<byte>>(Options("group", "payments"));

        var views = new List<ReadOnlyMemory<byte>>();
        ConsumerBatch<string, ReadOnlyMemory<byte>> first = default;
        await foreach (var batch in consumer.ReadBatchesAsync(_end.Token))
        {
            if (views.Count == 0)
                first = batch;
            foreach (var record in batch)
                views.Add(record.Value);
            Assert.NotEmpty(views[^1].ToArray());
            if (views.Count == 4)
                break;
        }
        Assert.Throws<InvalidOperationException>(() => views[0].Span.Length);
        Assert.Throws<InvalidOperationException>(() => first.LastOffset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Members_share_the_partitions_and_the_last_one_gets_all_back(bool isCooperative)
    {
        _embedded.CreateTopic("payments", 6);
        var taken = new Dictionary<int, TaskCompletionSource> { [3] = new(), [6] = new() };
        ConsumerOptions Member(bool isSecond)
        {
            var options = Options("group", "payments");
            options.AutoCommitInterval = TimeSpan.FromMilliseconds(50);
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
            if (isCooperative)
                options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky];
            if (isSecond)
            {
                var owned = new HashSet<TopicPartition>();
                options.OnPartitionsAssigned = context =>
                {
                    owned.UnionWith(context.Partitions);
                    if (taken.TryGetValue(owned.Count, out var reached))
                        reached.TrySetResult();
                    return default;
                };
                options.OnPartitionsRevoked = context =>
                {
                    owned.ExceptWith(context.Partitions);
                    return default;
                };
            }
            return options;
        }
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await using var client = NewClient();
        var first = _kafka.CreateConsumer<string, string>(Member(isSecond: false));
        var second = client.CreateConsumer<string, string>(Member(isSecond: true));
        using var stopFirst = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        using var stopSecond = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var counted = new SemaphoreSlim(0);
        async Task Read(Consumer<string, string> consumer, CancellationToken stop)
        {
            try
            {
                await foreach (var record in consumer.ReadAllAsync(stop))
                {
                    seen.AddOrUpdate(record.Value, 1, (_, count) => count + 1);
                    counted.Release();
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
        var readFirst = Read(first, stopFirst.Token);
        await Produce("payments", 0, 300);
        for (var i = 0; i < 300; i++)
            await counted.WaitAsync(_end.Token);
        Assert.Equal(6, first.Assignment.Count);

        var readSecond = Read(second, stopSecond.Token);
        await taken[3].Task.WaitAsync(_end.Token);
        await Produce("payments", 300, 300);
        for (var i = 0; i < 300; i++)
            await counted.WaitAsync(_end.Token);

        await first.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => readFirst);
        await taken[6].Task.WaitAsync(_end.Token);
        await Produce("payments", 600, 300);
        for (var i = 0; i < 300; i++)
            await counted.WaitAsync(_end.Token);
        await stopSecond.CancelAsync();
        await readSecond;
        await second.DisposeAsync();

        // A loop that was cancelled while it waited had finished everything; nothing came twice.
        Assert.Equal(900, seen.Count);
        Assert.All(seen, entry => Assert.Equal(1, entry.Value));
    }

    [Fact]
    public async Task Replay_from_a_time_begins_at_the_first_record_that_is_not_older()
    {
        await using (var producer = _kafka.CreateProducer<string, string>())
        {
            for (var i = 0; i < 10; i++)
            {
                await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "Alice", $"{i}")
                {
                    Partition = 0, Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + 1000 * i),
                });
            }
        }
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        await consumer.SeekToTimeAsync(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_003_500));
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Equal("4", record.Value);
            Assert.Equal(1_700_000_004_000, record.TimestampMs);
            break;
        }
        var found = await consumer.OffsetsForTimesAsync([new("payments", 0), new("payments", 1)], DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_009_000));
        Assert.Equal([9, -1], found.Select(row => row.Offset));
        Assert.Equal([10, 0], (await consumer.EndOffsetsAsync([new("payments", 0), new("payments", 1)])).Select(row => row.Offset));
        Assert.Equal([0, 0], (await consumer.BeginningOffsetsAsync([new("payments", 0), new("payments", 1)])).Select(row => row.Offset));
    }

    [Fact]
    public async Task Assigned_partitions_are_read_from_their_offsets_without_a_group()
    {
        await Produce("payments", 0, 10, partition: 2);
        await using var consumer = _kafka.CreateConsumer<string, string>(new ConsumerOptions());
        await consumer.AssignAsync([new TopicPartitionOffset("payments", 2, 7)]);
        Assert.Equal([new TopicPartition("payments", 2)], consumer.Assignment);

        var values = new List<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            values.Add(record.Value);
            if (values.Count == 3)
                break;
        }
        Assert.Equal(["value-7", "value-8", "value-9"], values);
        Assert.Throws<InvalidOperationException>(() => { _ = consumer.CommitAsync(); });
    }

    [Fact]
    public async Task Seek_while_reading_decides_what_comes_next()
    {
        await Produce("payments", 0, 100, partition: 0);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        var offsets = new List<long>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            offsets.Add(record.Offset);
            if (offsets.Count == 3)
                await consumer.SeekAsync(new TopicPartitionOffset("payments", 0, 50));
            if (offsets.Count == 5)
                await consumer.SeekToBeginningAsync([new("payments", 0)]);
            if (offsets.Count == 7)
                break;
        }
        Assert.Equal([0, 1, 2, 50, 51, 0, 1], offsets);
    }

    [Fact]
    public async Task Paused_partition_is_not_read_until_it_is_resumed()
    {
        await Produce("payments", 0, 10, partition: 0);
        await Produce("payments", 10, 10, partition: 1);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        var partitions = new List<int>();
        var isPaused = false;
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            if (!isPaused)
            {
                isPaused = true;
                await consumer.PauseAsync([record.TopicPartition]);
                Assert.Equal([record.TopicPartition], consumer.Paused);
                partitions.Add(record.Partition);
                continue;
            }
            partitions.Add(record.Partition);
            if (partitions.Count == 11)
                await consumer.ResumeAsync([new("payments", partitions[0])]);
            if (partitions.Count == 20)
                break;
        }
        Assert.DoesNotContain(partitions[0], partitions[1..11]);
        Assert.All(partitions[11..], partition => Assert.Equal(partitions[0], partition));
    }

    [Fact]
    public async Task Record_that_cannot_be_read_stays_until_it_is_skipped()
    {
        await using (var producer = _kafka.CreateProducer<string, string>())
        {
            foreach (var value in new[] { "abcd", "xyz", "efgh" })
                await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", value) { Partition = 0 });
        }
        await using var consumer = _kafka.CreateConsumer<string, int>(Options("group", "payments"));
        async Task<List<long>> Read()
        {
            var offsets = new List<long>();
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
            {
                offsets.Add(record.Offset);
                if (record.Offset == 2)
                    break;
            }
            return offsets;
        }
        await Assert.ThrowsAsync<KafkaSerializationException>(Read);
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(Read);
        Assert.Equal(1, error.Offset);
        Assert.Equal(new TopicPartition("payments", 0), error.Partition);
        Assert.Equal("xyz"u8.ToArray(), error.ValueBytes);

        await consumer.SkipAsync(error);
        Assert.Equal([2], await Read());
    }

    [Fact]
    public async Task Commit_of_a_partition_that_is_not_assigned_is_refused()
    {
        await Produce("payments", 0, 1, partition: 0);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            await consumer.CommitAsync(record.Next);
            Assert.Equal(1, _embedded.GetCommittedOffset("group", "payments", 0));
            Assert.Equal([new TopicPartitionOffset("payments", 0, 1, record.LeaderEpoch)], await consumer.CommittedAsync([new("payments", 0), new("payments", 1)]));
            await Assert.ThrowsAsync<KafkaException>(async () => await consumer.CommitAsync(new TopicPartitionOffset("other", 0, 1)));
            break;
        }
    }

    [Fact]
    public async Task Handlers_may_seek_and_commit_and_what_they_throw_is_seen()
    {
        await Produce("payments", 0, 10, partition: 0);
        var revoked = new List<TopicPartition>();
        var assigned = 0;
        var options = Options("group", "payments");
        options.OnPartitionsAssigned = async context =>
        {
            Assert.Equal(4, context.Partitions.Count);
            assigned++;
            await context.SeekAsync(new TopicPartitionOffset("payments", 0, 5));
            throw new InvalidOperationException("a handler's own error");
        };
        options.OnPartitionsRevoked = async context =>
        {
            revoked.AddRange(context.Partitions);
            await context.CommitAsync([new TopicPartitionOffset("payments", 0, 8)]);
        };
        var consumer = _kafka.CreateConsumer<string, string>(options);
        var error = await Assert.ThrowsAsync<KafkaException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                Assert.Fail("the error comes first");
        });
        Assert.Equal("a handler's own error", error.InnerException!.Message);
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Equal(5, record.Offset);
            break;
        }
        await consumer.DisposeAsync();
        Assert.Equal(1, assigned);
        Assert.Equal(4, revoked.Count);
        Assert.Equal(8, _embedded.GetCommittedOffset("group", "payments", 0));
    }

    [Fact]
    public async Task Reading_goes_on_when_leaders_and_the_coordinator_move_and_a_broker_stops()
    {
        _embedded.CreateTopic("payments", 3, 3);
        await Produce("payments", 0, 30);
        var options = Options("group", "payments");
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
        await using var consumer = _kafka.CreateConsumer<string, string>(options);
        var seen = new List<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            seen.Add(record.Value);
            if (seen.Count == 30)
            {
                _embedded.MoveLeader("payments", 0, 1 + _embedded.GetLeader("payments", 0) % 3);
                _embedded.MoveCoordinator("group", 1 + _embedded.GetCoordinator("group") % 3);
                await Produce("payments", 30, 30);
            }
            if (seen.Count == 60)
            {
                _embedded.StopBroker(_embedded.GetLeader("payments", 1));
                await Produce("payments", 60, 30);
            }
            if (seen.Count == 90)
                break;
        }
        Assert.Equal(90, seen.Distinct().Count());
    }

    [Fact]
    public async Task Cancelled_loop_ends_and_another_goes_on()
    {
        _embedded.CreateTopic("payments", 1);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            stop.CancelAfter(1);
            await foreach (var record in consumer.ReadAllAsync(stop.Token))
                Assert.Fail("there is nothing");
        });
        await Produce("payments", 0, 1);
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
            break;
    }

    [Fact]
    public async Task Second_loop_at_the_same_time_is_refused()
    {
        await Produce("payments", 0, 1);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Throws<InvalidOperationException>(() => { _ = consumer.ReadAllAsync().GetAsyncEnumerator(); });
            break;
        }
    }

    [Fact]
    public async Task Loop_without_topics_or_partitions_is_refused()
    {
        await using var consumer = _kafka.CreateConsumer<string, string>(new ConsumerOptions());
        Assert.Throws<InvalidOperationException>(() => { _ = consumer.ReadAllAsync().GetAsyncEnumerator(); });
    }

    [Fact]
    public async Task Missing_offset_with_no_reset_policy_is_an_error_until_a_seek()
    {
        await Produce("payments", 0, 3, partition: 0);
        var options = Options("group", "payments");
        options.AutoOffsetReset = AutoOffsetReset.None;
        await using var consumer = _kafka.CreateConsumer<string, string>(options);
        var error = await Assert.ThrowsAsync<KafkaPositionException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                Assert.Fail("there is no position");
        });
        Assert.Equal(ErrorCode.OffsetOutOfRange, error.Code);
        await consumer.SeekAsync(new TopicPartitionOffset("payments", 0, 2));
        while (true)
        {
            try
            {
                await foreach (var record in consumer.ReadAllAsync(_end.Token))
                {
                    Assert.Equal(2, record.Offset);
                    return;
                }
            }
            catch (KafkaException other) when (other.Code == ErrorCode.OffsetOutOfRange)
            {
                // Each of the other partitions has the same to say.
            }
        }
    }

    [Fact]
    public async Task Headers_nulls_and_timestamps_arrive_as_they_were_sent()
    {
        await using (var producer = _kafka.CreateProducer<string, string?>())
        {
            await producer.ProduceAsync(new ProducerRecord<string, string?>("payments", "k", null)
            {
                Partition = 0, Headers = new[] { Header.FromText("trace", "a"), Header.Null("none"), Header.FromText("trace", "b") },
            });
        }
        await using var consumer = _kafka.CreateConsumer<string, string?>(Options("group", "payments"));
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Null(record.Value);
            Assert.Equal(["trace", "none", "trace"], record.Headers.Select(header => header.Key));
            Assert.True(record.TryGetHeader("trace", out var trace));
            Assert.Equal("b", trace.GetText());
            Assert.True(record.TryGetHeader("none", out var none) && none.IsNull);
            break;
        }
    }
}
