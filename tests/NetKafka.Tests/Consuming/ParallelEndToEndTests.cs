using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Records handled many at a time, and records that cannot be read, against the embedded Kafka.</summary>
public sealed class ParallelEndToEndTests : IAsyncDisposable
{
    const string Topic = "payments";
    const string Group = "workers";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 2, DefaultPartitions = 3 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public ParallelEndToEndTests() => _kafka = new(new KafkaClientOptions
    {
        BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync,
        RetryBackoff = TimeSpan.FromMilliseconds(2), RetryBackoffMax = TimeSpan.FromMilliseconds(10),
    });

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    /// <summary>Record i has key i mod 7 and value i; of ten, one has no key.</summary>
    async Task Produce(int count, CompressionCodec codec = CompressionCodec.None, int? partition = null)
    {
        await using var producer = _kafka.CreateProducer<string?, string>(new ProducerOptions { Compression = codec });
        var sends = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var key = i % 10 == 9 ? null : $"{i % 7}";
            sends.Add(producer.ProduceAsync(new ProducerRecord<string?, string>(Topic, key, $"{i}") { Partition = partition, Headers = new[] { Header.FromText("n", $"{i}") } }).AsTask());
        }
        await Task.WhenAll(sends);
    }

    ConsumerOptions Options(Action<ConsumerOptions>? configure = null)
    {
        var options = new ConsumerOptions { GroupId = Group, Topics = [Topic], AutoOffsetReset = AutoOffsetReset.Earliest };
        configure?.Invoke(options);
        return options;
    }

    async Task<long> Committed(Consumer<string?, string> consumer) =>
        (await consumer.CommittedAsync(Enumerable.Range(0, 3).Select(static index => new TopicPartition(Topic, index)))).Sum(static offset => offset.Offset);

    [Theory]
    [InlineData(ProcessingOrder.ByKey, CompressionCodec.None)]
    [InlineData(ProcessingOrder.ByKey, CompressionCodec.Lz4)]
    [InlineData(ProcessingOrder.ByPartition, CompressionCodec.Zstd)]
    public async Task Every_record_is_handled_in_its_order_and_committed(ProcessingOrder order, CompressionCodec codec)
    {
        const int Count = 2_000;
        await Produce(Count, codec);
        await using var consumer = _kafka.CreateConsumer<string?, string>(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var (running, most, handled) = (0, 0, 0);
        var lanes = new ConcurrentDictionary<string, List<long>>();
        var processing = consumer.ProcessAsync(
            async (record, cancellation) =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                if (order == ProcessingOrder.ByPartition || record.Key is not null)
                {
                    var lane = lanes.GetOrAdd(order == ProcessingOrder.ByKey ? $"{record.Partition} {record.Key}" : $"{record.Partition}", static _ => []);
                    lane.Add(record.Offset);
                    if (record.Offset % 50 == 0)
                        await Task.Delay(1, cancellation);
                    Assert.Equal(record.Offset, lane[^1]);
                }
                Assert.Equal(record.Value, record.Headers.Single().GetText());
                Interlocked.Decrement(ref running);
                if (Interlocked.Increment(ref handled) == Count)
                    stop.Cancel();
            },
            new ProcessingOptions { Order = order, MaxConcurrency = 5, MaxPending = 100 }, stop.Token);
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(stop.Token, cancelled.CancellationToken);
        Assert.Equal(Count, handled);
        Assert.InRange(most, 1, order == ProcessingOrder.ByKey ? 5 : 3);
        Assert.All(lanes.Values, static offsets => Assert.Equal(offsets.Order(), offsets));
        Assert.Equal(Count, await Committed(consumer));
    }

    [Fact]
    public async Task What_a_handler_throws_ends_the_call_with_its_record_which_is_the_first_of_the_next_call()
    {
        await Produce(40, partition: 1);
        await using var consumer = _kafka.CreateConsumer<string?, string>(Options());
        var failure = await Assert.ThrowsAsync<RecordProcessingException>(() => consumer.ProcessAsync(
            static (record, _) => record.Value == "25" ? throw new FormatException("no") : ValueTask.CompletedTask,
            new ProcessingOptions { Order = ProcessingOrder.ByPartition }, _end.Token));
        Assert.Equal((new TopicPartition(Topic, 1), 25, 1), (failure.Partition, failure.Offset, failure.Attempts));
        Assert.IsType<FormatException>(failure.InnerException);
        Assert.Equal(25, await Committed(consumer));
        var again = await Assert.ThrowsAsync<RecordProcessingException>(() => consumer.ProcessAsync(
            static (record, _) => throw new FormatException(record.Value), new ProcessingOptions { Order = ProcessingOrder.ByPartition }, _end.Token));
        Assert.Equal((25, "25"), (again.Offset, again.InnerException!.Message));
    }

    [Fact]
    public async Task Record_is_tried_again_and_then_skipped_where_the_application_says_so()
    {
        await Produce(30, partition: 0);
        await using var consumer = _kafka.CreateConsumer<string?, string>(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var (tries, handled) = (0, new ConcurrentBag<string>());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync(
            (record, _) =>
            {
                if (record.Value == "3")
                {
                    tries++;
                    throw new FormatException("no");
                }
                handled.Add(record.Value);
                if (handled.Count == 29 && tries == 4)
                    stop.Cancel();
                return ValueTask.CompletedTask;
            },
            new ProcessingOptions
            {
                Order = ProcessingOrder.ByPartition,
                OnError = static (failure, _) => ValueTask.FromResult(failure.Attempts < 4 ? ProcessingErrorAction.Retry : ProcessingErrorAction.Skip),
            },
            stop.Token));
        Assert.Equal(4, tries);
        Assert.Equal(Enumerable.Range(0, 30).Where(static i => i != 3), handled.Select(int.Parse).Order());
        Assert.Equal(30, await Committed(consumer));
    }

    [Fact]
    public async Task Handler_that_hangs_holds_up_its_partition_alone_and_its_token_ends_with_the_call()
    {
        await Produce(300, partition: 0);
        await Produce(300, partition: 1);
        await using var consumer = _kafka.CreateConsumer<string?, string>(Options(static options => options.CloseTimeout = TimeSpan.FromSeconds(1)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var (counts, wasCancelled) = (new int[3], false);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync(
            async (record, cancellation) =>
            {
                if (record is { Partition: 0, Offset: 0 })
                {
                    try
                    {
                        await Task.Delay(Timeout.Infinite, cancellation);
                    }
                    finally
                    {
                        wasCancelled = cancellation.IsCancellationRequested;
                    }
                }
                if (Interlocked.Increment(ref counts[record.Partition]) == 300)
                    stop.Cancel();
            },
            new ProcessingOptions { MaxPending = 20 }, stop.Token));
        Assert.True(wasCancelled);
        Assert.InRange(counts[0], 0, 19);
        Assert.Equal(300, counts[1]);
        Assert.Equal(300, await Committed(consumer));
    }

    [Fact]
    public async Task Views_live_until_the_handler_has_ended()
    {
        await Produce(500, CompressionCodec.Lz4);
        await using var consumer = _kafka.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var handled = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync(
            async (record, _) =>
            {
                var before = record.Value.ToArray();
                await Task.Yield();
                Assert.Equal(before, record.Value.ToArray());
                Assert.Equal(before, record.Headers.Single().Value.ToArray());
                if (Interlocked.Increment(ref handled) == 500)
                    stop.Cancel();
            },
            new ProcessingOptions { MaxPending = 50 }, stop.Token));
        Assert.Equal(500, handled);
    }

    [Fact]
    public async Task Pause_seek_and_a_second_loop_while_it_runs()
    {
        await Produce(50, partition: 0);
        await using var consumer = _kafka.CreateConsumer<string?, string>(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var (seen, partition) = (new ConcurrentQueue<long>(), new TopicPartition(Topic, 0));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync(
            async (record, cancellation) =>
            {
                seen.Enqueue(record.Offset);
                if (record.Offset == 10)
                {
                    await Assert.ThrowsAsync<InvalidOperationException>(() => consumer.ProcessAsync(static (_, _) => default, cancellation: cancellation));
                    await consumer.PauseAsync([partition], cancellation);
                    await consumer.ResumeAsync([partition], cancellation);
                }
                if (record.Offset == 20)
                    await consumer.SeekAsync(new TopicPartitionOffset(partition, 40), cancellation);
                if (record.Offset == 49)
                    stop.Cancel();
            },
            new ProcessingOptions { Order = ProcessingOrder.ByPartition }, stop.Token));
        Assert.Equal([.. Enumerable.Range(0, 21), .. Enumerable.Range(40, 10)], seen.Select(static offset => (int)offset));
        Assert.Equal(50, await Committed(consumer));
    }

    [Fact]
    public async Task Disposing_waits_for_the_handler_and_commits_what_it_has_finished()
    {
        await Produce(1, partition: 0);
        var consumer = _kafka.CreateConsumer<string?, string>(Options());
        var (begun, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        var processing = consumer.ProcessAsync(async (_, _) =>
        {
            begun.TrySetResult();
            await mayEnd.Task;
        });
        await begun.Task.WaitAsync(Patience);
        var closing = consumer.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        mayEnd.SetResult();
        await closing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => processing);
        await using var next = _kafka.CreateConsumer<string?, string>(Options());
        Assert.Equal(1, await Committed(next));
    }

    [Fact]
    public async Task Options_that_cannot_work_are_refused()
    {
        await using var consumer = _kafka.CreateConsumer<string?, string>(Options());
        var error = await Assert.ThrowsAsync<KafkaOptionsException>(() => consumer.ProcessAsync(
            static (_, _) => default, new ProcessingOptions { MaxConcurrency = 0, MaxPending = 0, Order = (ProcessingOrder)9 }));
        Assert.Equal(3, error.Mistakes.Count);
    }

    [Fact]
    public async Task Record_that_cannot_be_read_is_told_with_all_of_it()
    {
        await Produce(5, partition: 2);
        await using var consumer = _kafka.CreateConsumer<string?, int>(Options(), null, new Picky("2"));
        var read = 0;
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                read++;
        });
        Assert.Equal((2, new TopicPartition(Topic, 2), 2, false), (read, error.Partition, error.Offset, error.IsKey));
        Assert.Equal("2"u8, error.KeyBytes!);
        Assert.Equal("2"u8, error.ValueBytes!);
        Assert.Equal("2", Assert.Single(error.Headers).GetText());
        Assert.True(error.TimestampMs > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Record_that_cannot_be_read_is_skipped_where_the_application_says_so(bool isParallel)
    {
        await Produce(8, partition: 2);
        var told = new ConcurrentQueue<long>();
        await using var consumer = _kafka.CreateConsumer<string?, int>(
            Options(options => options.OnUnreadableRecord = async (error, _) =>
            {
                await Task.Yield();
                told.Enqueue(error.Offset);
                return error.Offset == 6 ? UnreadableRecordAction.Stop : UnreadableRecordAction.Skip;
            }),
            null, new Picky("0", "3", "4", "6"));
        var read = new ConcurrentQueue<int>();
        var stopped = await Assert.ThrowsAsync<KafkaSerializationException>(async () =>
        {
            if (isParallel)
            {
                await consumer.ProcessAsync(
                    (record, _) =>
                    {
                        read.Enqueue(record.Value);
                        return default;
                    },
                    new ProcessingOptions { Order = ProcessingOrder.ByPartition }, _end.Token);
            }
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                read.Enqueue(record.Value);
        });
        Assert.Equal(6, stopped.Offset);
        Assert.Equal([1, 2, 5], read);
        Assert.Equal([0, 3, 4, 6], told);
        Assert.Equal(6, consumer.Position(new TopicPartition(Topic, 2)));
    }

    static void InterlockedMax(ref int most, int now)
    {
        for (var seen = most; now > seen; seen = most)
            Interlocked.CompareExchange(ref most, now, seen);
    }

    /// <summary>Reads numbers, but for some.</summary>
    sealed class Picky(params string[] refused) : IDeserializer<int>
    {
        public int Deserialize(ReadOnlySpan<byte> bytes)
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes);
            return refused.Contains(text) ? throw new FormatException($"'{text}' is refused") : int.Parse(text, null);
        }
    }
}
