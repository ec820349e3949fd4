using System.Collections.Concurrent;
using System.Text;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Producing;

/// <summary>The producer against the embedded Kafka, over in-memory streams.</summary>
public sealed class ProducerEndToEndTests : IAsyncDisposable
{
    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, AutoCreateTopics = false });
    readonly KafkaClient _kafka;

    public ProducerEndToEndTests()
    {
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Awaited_record_is_in_the_log_with_everything_it_had()
    {
        _embedded.CreateTopic("payments", 6);
        await using var producer = _kafka.CreateProducer<string, string>();
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        var sent = await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "Alice", "Paid $200 to Bob")
        {
            Timestamp = time,
            Headers = new[] { Header.FromText("source", "web"), Header.Null("trace") },
        });

        Assert.Equal("payments", sent.Topic);
        Assert.Equal(0, sent.Offset);
        Assert.Equal(time, sent.Timestamp);
        var record = Assert.Single(_embedded.ReadLog("payments", sent.Partition));
        Assert.Equal("Alice", Text(record.Key));
        Assert.Equal("Paid $200 to Bob", Text(record.Value));
        Assert.Equal(time, record.Timestamp);
        Assert.Equal(["source", "trace"], record.Headers.Select(header => header.Key));
        Assert.Equal(["web", null], record.Headers.Select(header => Text(header.Value)));
    }

    [Fact]
    public async Task Callback_may_wait_for_a_flush_and_a_purge()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<string, string>();
        var done = new TaskCompletionSource();
        await producer.PostAsync(new ProducerRecord<string, string>("t", "k", "first"), _ =>
        {
            // As an application should not, and some does.
            var second = producer.PostAsync(new ProducerRecord<string, string>("t", "k", "second")).AsTask();
            second.GetAwaiter().GetResult();
            producer.FlushAsync().AsTask().GetAwaiter().GetResult();
            producer.PurgeAsync().AsTask().GetAwaiter().GetResult();
            done.SetResult();
        });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(2, _embedded.ReadLog("t", 0).Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public async Task Partition_below_zero_is_no_partition(int partition)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        var record = new ProducerRecord<string, string>("t", "k", "v") { Partition = partition };
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await producer.ProduceAsync(record));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await producer.PostAsync(record));
        Assert.Throws<ArgumentOutOfRangeException>(() => producer.TryPost(record));
    }

    [Fact]
    public async Task Partitions_of_a_topic_can_be_asked_before_anything_is_written_to_it()
    {
        _embedded.CreateTopic("payments", 4);
        await using var producer = _kafka.CreateProducer<string, string>();
        var partitions = await producer.GetPartitionsAsync("payments");
        Assert.Equal([0, 1, 2, 3], partitions.Select(static partition => partition.Partition));
        Assert.All(partitions, static partition => Assert.NotNull(partition.Leader));
        Assert.All(partitions, static partition => Assert.Contains(partition.Leader!.Id, partition.Replicas));
    }

    [Fact]
    public async Task Partitions_of_a_topic_that_does_not_exist_are_waited_for_up_to_MaxBlock()
    {
        await using var producer = _kafka.CreateProducer<string, string>(new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(100) });
        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(async () => await producer.GetPartitionsAsync("nowhere"));
        Assert.Contains("nowhere", error.Message);
        await Assert.ThrowsAsync<ProduceException>(async () => await producer.GetPartitionsAsync("no name"));
    }

    [Fact]
    public async Task Purge_fails_what_was_not_sent_and_what_waits_to_be_buffered()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<string, string>(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });
        await producer.GetPartitionsAsync("t");
        var lingering = producer.ProduceAsync("t", "k", "v").AsTask();
        var unknown = producer.ProduceAsync("nowhere", "k", "v").AsTask();
        await producer.PurgeAsync();
        foreach (var purged in new[] { lingering, unknown })
            Assert.Equal(RecordFate.NotWritten, (await Assert.ThrowsAsync<ProduceException>(() => purged)).Fate);

        var next = producer.ProduceAsync("t", "k", "next").AsTask();
        await producer.FlushAsync();
        Assert.Equal(0, (await next).Offset);
    }

    [Fact]
    public async Task Nulls_are_kept_apart_from_empty()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<string?, byte[]?>();
        await producer.ProduceAsync("t", null, null);
        await producer.ProduceAsync("t", "", []);

        var log = _embedded.ReadLog("t", 0);
        Assert.Null(log[0].Key);
        Assert.Null(log[0].Value);
        Assert.Equal("", Text(log[1].Key));
        Assert.Equal("", Text(log[1].Value));
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task Posted_records_arrive_once_in_order_and_each_callback_knows_its_offset(CompressionCodec codec)
    {
        const int Count = 20_000;
        _embedded.CreateTopic("t", 1);
        // A callback that is slow is overtaken by those behind it, on another thread.
        var all = new ConcurrentQueue<DeliveryReport>();
        await using (var producer = _kafka.CreateProducer<Nothing, string>(new ProducerOptions { Compression = codec }))
        {
            for (var i = 0; i < Count; i++)
                await producer.PostAsync(new ProducerRecord<Nothing, string>("t", default, $"value {i}"), all.Enqueue, i);
        }
        var reports = all.OrderBy(report => (int)report.State!).ToList();

        Assert.Equal(Enumerable.Range(0, Count), reports.Select(report => (int)report.State!));
        Assert.All(reports, report => Assert.Null(report.Error));
        Assert.Equal(Enumerable.Range(0, Count), reports.Select(report => (int)report.Metadata.Offset));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"value {i}"), _embedded.ReadLog("t", 0).Select(record => Text(record.Value)));
    }

    [Fact]
    public async Task Keys_go_where_Java_sends_them_and_records_without_keys_are_spread()
    {
        _embedded.CreateTopic("t", 6);
        await using var producer = _kafka.CreateProducer<string?, string>(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 64 });
        for (var i = 0; i < 50; i++)
        {
            var sent = await producer.ProduceAsync("t", $"key {i}", "v");
            Assert.Equal(Protocol.Hashing.Murmur2.Partition(Encoding.UTF8.GetBytes($"key {i}"), 6), sent.Partition);
        }
        var partitions = new HashSet<int>();
        for (var i = 0; i < 200; i++)
            partitions.Add((await producer.ProduceAsync("t", null, new string('x', 40))).Partition);
        Assert.Equal(6, partitions.Count);
    }

    [Theory]
    [InlineData(Acks.None, -1)]
    [InlineData(Acks.Leader, 0)]
    [InlineData(Acks.All, 0)]
    public async Task Every_kind_of_acks_delivers(Acks acks, long offset)
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Acks = acks });
        Assert.Equal(offset, (await producer.ProduceAsync("t", default, 1)).Offset);
        await Eventually(() => _embedded.ReadLog("t", 0).Count == 1);
    }

    [Fact]
    public async Task Many_senders_that_await_lose_and_double_nothing()
    {
        _embedded.CreateTopic("t", 4);
        await using var producer = _kafka.CreateProducer<int, int>(new ProducerOptions { Linger = TimeSpan.Zero });
        await Task.WhenAll(Enumerable.Range(0, 50).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
                await producer.ProduceAsync("t", sender, i);
        })));
        var all = Enumerable.Range(0, 4).SelectMany(partition => _embedded.ReadLog("t", partition)).ToList();
        Assert.Equal(2000, all.Count);
        foreach (var group in all.GroupBy(record => Serdes.Int32.Deserialize(record.Key!.Value.Span)))
            Assert.Equal(Enumerable.Range(0, 40), group.Select(record => Serdes.Int32.Deserialize(record.Value!.Value.Span)));
    }

    [Fact]
    public async Task Records_that_nobody_awaits_keep_their_order_through_every_wait()
    {
        _embedded.CreateTopic("t", 1);
        var options = new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 256, BufferMemory = 1024 };
        await using var producer = _kafka.CreateProducer<Nothing, int>(options);
        var tasks = Enumerable.Range(0, 500).Select(i => i % 3 == 0
            ? producer.ProduceAsync("t", default, i).AsTask()
            : producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, i)).AsTask()).ToList();
        await Task.WhenAll(tasks);
        await producer.FlushAsync();
        Assert.Equal(Enumerable.Range(0, 500), _embedded.ReadLog("t", 0).Select(record => Serdes.Int32.Deserialize(record.Value!.Value.Span)));
    }

    [Fact]
    public async Task Record_whose_token_ends_before_it_is_in_is_not_written()
    {
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Linger = TimeSpan.Zero });
        using var source = new CancellationTokenSource();
        var first = producer.ProduceAsync("t", default, 1, source.Token).AsTask();
        var second = producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, 2), cancellation: source.Token).AsTask();
        var third = producer.ProduceAsync("t", default, 3).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _embedded.CreateTopic("t", 1);
        Assert.Equal(0, (await third).Offset);
        Assert.Equal([3], _embedded.ReadLog("t", 0).Select(record => Serdes.Int32.Deserialize(record.Value!.Value.Span)));
    }

    [Fact]
    public async Task Room_that_a_cancelled_record_had_waited_for_goes_to_the_next_one()
    {
        _embedded.CreateTopic("t", 1);
        _embedded.CreateTopic("u", 1);
        var options = new ProducerOptions
        {
            Linger = TimeSpan.Zero, BatchSize = 1024, BufferMemory = 1024, MaxRequestSize = 1024, MaxBlock = TimeSpan.FromHours(1),
        };
        await using var producer = _kafka.CreateProducer<Nothing, byte[]>(options);
        var value = new byte[800];
        await producer.ProduceAsync("t", default, value);
        await producer.ProduceAsync("u", default, value);
        foreach (var broker in _embedded.Brokers)
            _embedded.StopBroker(broker);
        using var source = new CancellationTokenSource();
        var first = producer.ProduceAsync("t", default, value).AsTask();
        var cancelled = producer.ProduceAsync("u", default, value, source.Token).AsTask();
        var second = producer.ProduceAsync("t", default, value).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        foreach (var broker in _embedded.Brokers)
            _embedded.StartBroker(broker);
        Assert.Equal([1, 2], (await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromMinutes(2))).Select(metadata => metadata.Offset));
    }

    [Fact]
    public async Task Flush_and_dispose_wait_for_records_that_nobody_awaits_and_that_wait_themselves()
    {
        _embedded.CreateTopic("t", 1);
        _embedded.CreateTopic("u", 1);
        var options = new ProducerOptions { Linger = TimeSpan.FromSeconds(20), BatchSize = 256, BufferMemory = 1024 };
        var producer = _kafka.CreateProducer<Nothing, int>(options);
        var sent = Enumerable.Range(0, 300).Select(i => producer.ProduceAsync("t", default, i).AsTask()).ToList();
        await producer.FlushAsync();
        Assert.All(sent, task => Assert.True(task.IsCompletedSuccessfully));
        sent = Enumerable.Range(0, 300).Select(i => producer.ProduceAsync("u", default, i).AsTask()).ToList();
        await Task.WhenAll(producer.DisposeAsync().AsTask(), producer.DisposeAsync().AsTask());
        Assert.All(sent, task => Assert.True(task.IsCompletedSuccessfully));
        Assert.Equal(300, _embedded.ReadLog("u", 0).Count);
    }

    [Fact]
    public async Task Disposing_ends_what_waits_for_a_topic()
    {
        var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { CloseTimeout = TimeSpan.FromMilliseconds(100) });
        var waiting = Enumerable.Range(0, 3).Select(i => producer.ProduceAsync("nowhere", default, i).AsTask()).ToList();
        await producer.DisposeAsync();
        foreach (var task in waiting)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
    }

    [Fact]
    public async Task Large_records_pass_beside_small_ones()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, ReadOnlyMemory<byte>>();
        var sizes = new[] { 10, 100_000, 20, 16_384, 16_385, 500_000, 1, 0 };
        await Task.WhenAll(sizes.Select(size => producer.ProduceAsync("t", default, Bytes(size)).AsTask()));
        Assert.Equal(sizes, _embedded.ReadLog("t", 0).Select(record => record.Value!.Value.Length));
        Assert.All(_embedded.ReadLog("t", 0), record => Assert.True(record.Value!.Value.Span.SequenceEqual(Bytes(record.Value.Value.Length))));
    }

    [Fact]
    public async Task Callback_that_waits_for_its_own_batch_ends()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(20) });
        var second = default(Task<RecordMetadata>);
        var done = new TaskCompletionSource<long>();
        using var posted = new ManualResetEventSlim();
        await producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, 1), _ =>
        {
            posted.Wait();
            done.SetResult(second!.GetAwaiter().GetResult().Offset);
        });
        second = producer.ProduceAsync("t", default, 2).AsTask();
        posted.Set();
        Assert.Equal(1, await done.Task);
    }

    [Fact]
    public Task Produce_in_a_callback_with_a_full_buffer_ends() =>
        ProduceInCallbacks(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1024, BufferMemory = 2048 });

    [Fact]
    public Task Produce_in_a_callback_with_a_busy_broker_ends() =>
        ProduceInCallbacks(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1024, LeastWindowBytes = 500 });

    async Task ProduceInCallbacks(ProducerOptions options)
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, byte[]>(options);
        const int Rounds = 20;
        var left = Rounds;
        var done = new TaskCompletionSource();
        void OnDelivered(DeliveryReport report)
        {
            Assert.Null(report.Error);
            if (Interlocked.Decrement(ref left) < 0)
                return;
            for (var i = 0; i < 5; i++)
                producer.PostAsync(new ProducerRecord<Nothing, byte[]>("t", default, new byte[900])).AsTask().GetAwaiter().GetResult();
            if (left > 0)
                producer.PostAsync(new ProducerRecord<Nothing, byte[]>("t", default, new byte[900]), OnDelivered).AsTask().GetAwaiter().GetResult();
            else
                done.SetResult();
        }
        await producer.PostAsync(new ProducerRecord<Nothing, byte[]>("t", default, new byte[900]), OnDelivered);
        await done.Task;
        await producer.FlushAsync();
        Assert.Equal(Rounds * 6, _embedded.ReadLog("t", 0).Count);
    }

    [Fact]
    public async Task Callback_that_throws_is_reported_and_stops_nothing()
    {
        _embedded.CreateTopic("t", 1);
        var reported = new TaskCompletionSource<Exception>();
        var after = new TaskCompletionSource();
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { OnCallbackError = reported.SetResult });
        await producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, 1), _ => throw new InvalidOperationException("mine"));
        await producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, 2), _ => after.SetResult());
        Assert.Equal("mine", (await reported.Task).Message);
        await after.Task;
    }

    [Fact]
    public async Task Topic_that_does_not_exist_ends_in_a_clear_error()
    {
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(300) });
        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(async () => await producer.ProduceAsync("nowhere", default, 1));
        Assert.Equal("metadata", error.Stage);
        Assert.Contains("nowhere", error.Message);
        Assert.Contains("MaxBlock", error.Message);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, error.Code);
        _embedded.CreateTopic("now", 1);
        Assert.Equal(0, (await producer.ProduceAsync("now", default, 1)).Offset);
    }

    [Fact]
    public async Task Partition_that_does_not_exist_ends_in_a_clear_error()
    {
        _embedded.CreateTopic("t", 2);
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(300) });
        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(
            async () => await producer.ProduceAsync(new ProducerRecord<Nothing, int>("t", default, 1) { Partition = 7 }));
        Assert.Contains("2 partitions", error.Message);
    }

    [Fact]
    public async Task Record_over_the_limit_is_refused_before_it_is_buffered()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, byte[]>();
        var error = await Assert.ThrowsAsync<ProduceException>(async () => await producer.ProduceAsync("t", default, new byte[2_000_000]));
        Assert.Equal(RecordFate.NotWritten, error.Fate);
        Assert.Equal(ErrorCode.MessageTooLarge, error.Code);
        Assert.Contains("MaxRequestSize", error.Message);
        Assert.Equal(0, (await producer.ProduceAsync("t", default, [1])).Offset);
    }

    [Fact]
    public async Task Record_over_the_limit_of_the_broker_fails_alone()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, byte[]>(new ProducerOptions { MaxRequestSize = 4_000_000, Linger = TimeSpan.Zero });
        var small = producer.ProduceAsync("t", default, [1]).AsTask();
        var large = producer.ProduceAsync("t", default, new byte[2_000_000]).AsTask();
        var next = producer.ProduceAsync("t", default, [2]).AsTask();
        var error = await Assert.ThrowsAsync<ProduceException>(() => large);
        Assert.Equal(ErrorCode.MessageTooLarge, error.Code);
        Assert.Equal(RecordFate.NotWritten, error.Fate);
        Assert.Equal(0, (await small).Offset);
        Assert.Equal(1, (await next).Offset);
    }

    [Fact]
    public async Task Token_ends_the_wait_and_not_the_record()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Linger = TimeSpan.FromSeconds(1) });
        await producer.ProduceAsync(new ProducerRecord<Nothing, int>("t", default, 0));
        using var source = new CancellationTokenSource();
        var record = producer.ProduceAsync("t", default, 1, source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => record);
        await producer.FlushAsync();
        Assert.Equal(2, _embedded.ReadLog("t", 0).Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await producer.ProduceAsync("t", default, 2, source.Token));
        await producer.FlushAsync();
        Assert.Equal(2, _embedded.ReadLog("t", 0).Count);
    }

    [Fact]
    public async Task Tasks_that_are_used_again_carry_only_their_own_outcome()
    {
        _embedded.CreateTopic("t", 1);
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Linger = TimeSpan.Zero });
        for (var i = 0; i < 100; i++)
        {
            using var source = new CancellationTokenSource();
            var first = producer.ProduceAsync("t", default, i, source.Token);
            var second = producer.ProduceAsync("t", default, i);
            Assert.Equal(2 * i, (await first).Offset);
            source.Cancel();
            Assert.Equal(2 * i + 1, (await second).Offset);
        }
    }

    [Fact]
    public async Task Disposing_delivers_what_was_produced_and_takes_no_more()
    {
        _embedded.CreateTopic("t", 1);
        var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Linger = TimeSpan.FromSeconds(30) });
        await producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, 1));
        producer.Dispose();
        Assert.Single(_embedded.ReadLog("t", 0));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await producer.ProduceAsync("t", default, 2));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await producer.FlushAsync());
        await producer.DisposeAsync();
    }

    [Fact]
    public async Task Leader_that_moves_loses_and_doubles_nothing()
    {
        _embedded.CreateTopic("t", 1, 3);
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { Linger = TimeSpan.Zero });
        for (var i = 0; i < 300; i++)
        {
            if (i % 50 == 25)
                _embedded.MoveLeader("t", 0, _embedded.Brokers[(i / 50) % 3]);
            await producer.ProduceAsync("t", default, i);
        }
        Assert.Equal(Enumerable.Range(0, 300), _embedded.ReadLog("t", 0).Select(record => Serdes.Int32.Deserialize(record.Value!.Value.Span)));
    }

    [Fact]
    public async Task Broker_that_stops_and_comes_back_loses_and_doubles_nothing()
    {
        _embedded.CreateTopic("t", 3, 3);
        await using var producer = _kafka.CreateProducer<int, int>(new ProducerOptions { Linger = TimeSpan.Zero });
        var senders = Enumerable.Range(0, 6).Select(key => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
                await producer.ProduceAsync("t", key, i);
        })).ToArray();
        foreach (var broker in _embedded.Brokers)
        {
            _embedded.StopBroker(broker);
            await producer.FlushAsync();
            _embedded.StartBroker(broker);
        }
        await Task.WhenAll(senders);
        var all = Enumerable.Range(0, 3).SelectMany(partition => _embedded.ReadLog("t", partition)).ToList();
        foreach (var group in all.GroupBy(record => Serdes.Int32.Deserialize(record.Key!.Value.Span)))
            Assert.Equal(Enumerable.Range(0, 200), group.Select(record => Serdes.Int32.Deserialize(record.Value!.Value.Span)));
    }

    static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : null;

    static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[i] = (byte)(i * 31 + size);
        return bytes;
    }

    static async Task Eventually(Func<bool> condition)
    {
        while (!condition())
            await Task.Yield();
    }
}
