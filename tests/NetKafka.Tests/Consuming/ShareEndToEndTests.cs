using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Share consumers against the embedded Kafka.</summary>
public sealed class ShareEndToEndTests : IAsyncDisposable
{
    const string Topic = "payments";
    const string Group = "workers";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 2, DefaultPartitions = 3, ShareHeartbeatInterval = TimeSpan.FromMilliseconds(100) });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public ShareEndToEndTests() => _kafka = NewClient();

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    [Theory]
    [InlineData(CompressionCodec.None, ShareAcquireMode.BatchOptimized)]
    [InlineData(CompressionCodec.Lz4, ShareAcquireMode.RecordLimit)]
    public async Task Each_record_is_read_once_and_acknowledged(CompressionCodec codec, ShareAcquireMode mode)
    {
        await Produce(500, codec);
        var told = new ConcurrentBag<(int, long)>();
        await using var consumer = Create<string>(options =>
        {
            (options.AcquireMode, options.MaxPollRecords) = (mode, 50);
            options.OnAcknowledged = results =>
            {
                foreach (var result in results)
                {
                    Assert.Null(result.Error);
                    foreach (var offset in result.Offsets)
                        told.Add((result.TopicPartition.Partition, offset));
                }
            };
        });
        var read = new HashSet<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Equal(1, record.DeliveryCount);
            Assert.True(read.Add(record.Value));
            if (read.Count == 500)
                break;
        }
        await consumer.CommitAsync(_end.Token);
        // The last one was in hand at the break and is released, which is told as well.
        Assert.Equal(500, told.Distinct().Count());
    }

    [Fact]
    public async Task Record_that_its_loop_left_behind_comes_again_and_those_before_it_do_not()
    {
        await Produce(3, partition: 0);
        await using var consumer = Create<string>();
        Assert.Equal(["0", "1"], await Read(consumer, 2));
        Assert.Equal(["2", "1"], (await ReadCounted(consumer, 2)).Select(static record => record.Value));
    }

    [Fact]
    public async Task Disposed_consumer_releases_what_it_had_for_others_at_once_and_that_counts_as_a_delivery()
    {
        await Produce(5, partition: 1);
        await using (var first = Create<string>(static options => options.AcknowledgementMode = ShareAcknowledgementMode.Explicit))
        {
            await foreach (var record in first.ReadAllAsync(_end.Token))
            {
                if (record.Value != "0")
                    break;
                first.Acknowledge(record);
            }
        }
        await using var second = Create<string>();
        Assert.Equal([("1", 2), ("2", 2), ("3", 2), ("4", 2)], await ReadCounted(second, 4));
    }

    [Fact]
    public async Task Handlers_accept_what_they_finish_and_what_throws_is_tried_five_times()
    {
        await Produce(100);
        await using var consumer = Create<string>();
        var (tries, done) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, bool>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var running = 0;
        var work = consumer.ProcessAsync(async (record, _) =>
        {
            Assert.InRange(Interlocked.Increment(ref running), 1, 4);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            var count = tries.AddOrUpdate(record.Value, 1, static (_, times) => times + 1);
            Assert.Equal(count, record.DeliveryCount);
            if (record.Value == "42")
            {
                if (count == 5)
                    stop.CancelAfter(TimeSpan.FromSeconds(1));
                throw new InvalidOperationException("It cannot be worked on.");
            }
            done[record.Value] = true;
        }, new ShareProcessingOptions { MaxConcurrency = 4 }, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.Equal((99, 5), (done.Count, tries["42"]));
        Assert.All(tries, static record => Assert.Equal(record.Key == "42" ? 5 : 1, record.Value));
    }

    [Fact]
    public async Task OnError_may_reject_a_record_and_what_it_throws_ends_the_call()
    {
        await Produce(2, partition: 0);
        await using var consumer = Create<string>();
        var failure = await Assert.ThrowsAsync<NotSupportedException>(() => consumer.ProcessAsync(
            (record, _) => throw new InvalidOperationException(record.Value),
            new ShareProcessingOptions
            {
                MaxConcurrency = 1,
                OnError = static (error, count, _) =>
                {
                    Assert.Equal(1, count);
                    return error.Offset == 0 ? new(AcknowledgeType.Reject) : throw new NotSupportedException("no");
                },
            }, _end.Token));
        Assert.Equal("no", failure.Message);
        Assert.Equal([("1", 2)], await ReadCounted(consumer, 1));
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task Bytes_live_until_their_handler_has_ended(CompressionCodec codec)
    {
        await Produce(200, codec);
        await using var consumer = Create<ReadOnlyMemory<byte>>(static options => options.MaxPollRecords = 20);
        var seen = new ConcurrentDictionary<string, bool>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var work = consumer.ProcessAsync(async (record, _) =>
        {
            await Task.Yield();
            seen[System.Text.Encoding.UTF8.GetString(record.Value.Span)] = true;
            if (seen.Count == 200)
                await stop.CancelAsync();
        }, cancellation: stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => $"{i}").Order(), seen.Keys.Order());
    }

    [Fact]
    public async Task Handler_that_runs_when_the_consumer_is_disposed_ends_first_and_counts()
    {
        await Produce(1, partition: 0);
        var consumer = Create<string>();
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var work = consumer.ProcessAsync(async (_, _) =>
        {
            begun.SetResult();
            await go.Task;
        });
        await begun.Task.WaitAsync(Patience);
        var disposing = consumer.DisposeAsync();
        go.SetResult();
        await disposing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => work);
        await Produce(1, partition: 0, from: 7);
        await using var second = Create<string>();
        Assert.Equal([("7", 1)], await ReadCounted(second, 1));
    }

    [Fact]
    public async Task Record_that_cannot_be_read_is_thrown_with_its_bytes_and_released_and_reading_goes_on_behind_it()
    {
        await Produce(3, partition: 0);
        await using var consumer = Create<string>(null, new Fussy());
        Assert.Equal(["0"], await Read(consumer, 1));
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(() => Read(consumer, 2));
        Assert.Equal((1, "1"), (error.Offset, System.Text.Encoding.UTF8.GetString(error.ValueBytes!)));
        Assert.Equal(["2"], await Read(consumer, 1));
    }

    [Fact]
    public async Task Record_that_cannot_be_read_is_what_the_handler_or_the_application_says()
    {
        await Produce(3, partition: 0);
        await using (var consumer = Create<string>(static options => options.OnUnreadableRecord = static (_, _) => new(AcknowledgeType.Reject), new Fussy()))
            Assert.Equal(["0", "2"], await Read(consumer, 2));
        await Produce(2, partition: 0);
        await using var other = Create<string>(static options => options.AcknowledgementMode = ShareAcknowledgementMode.Explicit, new Fussy());
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(() => Read(other, 3));
        other.Acknowledge(error, AcknowledgeType.Reject);
        Assert.Contains(await other.CommitAsync(_end.Token), result => result.IsCommitted && result.Offsets.Contains(error.Offset));
        Assert.Throws<InvalidOperationException>(() => other.Acknowledge(error, AcknowledgeType.Accept));
    }

    [Fact]
    public async Task Lists_hold_records_of_one_batch_and_are_accepted_together()
    {
        await Produce(30, partition: 2);
        await using var consumer = Create<string>(static options => options.MaxPollRecords = 10);
        var read = new List<string>();
        await foreach (var batch in consumer.ReadBatchesAsync(_end.Token))
        {
            Assert.InRange(batch.Count, 1, 10);
            read.AddRange(batch.Select(static record => record.Value));
            if (read.Count == 30)
                break;
        }
        Assert.Equal(Enumerable.Range(0, 30).Select(static i => $"{i}"), read);
    }

    [Fact]
    public async Task Unsubscribed_consumer_is_given_nothing_until_it_subscribes_again()
    {
        await Produce(1, partition: 0);
        await using var consumer = Create<string>();
        Assert.Equal(["0"], await Read(consumer, 1));
        await consumer.UnsubscribeAsync(_end.Token);
        Assert.Throws<InvalidOperationException>(() => consumer.ReadAllAsync().GetAsyncEnumerator());
        await consumer.SubscribeAsync([Topic], _end.Token);
        Assert.Equal([("0", 2)], await ReadCounted(consumer, 1));
        Assert.NotNull(consumer.GroupSettings);
        Assert.Equal(TimeSpan.FromSeconds(30), consumer.AcquisitionLockTimeout);
    }

    [Fact]
    public async Task Misuse_is_told()
    {
        await Produce(2, partition: 0);
        await using var consumer = Create<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Contains("Implicit", Assert.Throws<InvalidOperationException>(() => consumer.Acknowledge(record)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => consumer.ReadAllAsync().GetAsyncEnumerator());
            break;
        }
        await using var other = Create<string>(static options => options.AcknowledgementMode = ShareAcknowledgementMode.Explicit);
        var foreign = new ShareRecord<string?, string>(new ConsumerRecord<string?, string>(Topic, 0, 0, DateTimeOffset.UnixEpoch, "k", "v"));
        Assert.Throws<InvalidOperationException>(() => other.Acknowledge(foreign));
        Assert.Throws<ArgumentOutOfRangeException>(() => other.Acknowledge(foreign, (AcknowledgeType)9));
        var mistakes = Assert.Throws<KafkaOptionsException>(() => _kafka.CreateShareConsumer<string, string>(new ShareConsumerOptions
        {
            MaxPollRecords = 0, FetchMaxBytes = 1, FetchMinBytes = -1, FetchMaxWait = TimeSpan.FromHours(1), Topics = [""], DefaultApiTimeout = TimeSpan.Zero,
        })).Mistakes;
        Assert.Equal(7, mistakes.Count);
    }

    [Fact]
    public async Task Group_of_another_kind_is_an_error_that_says_so()
    {
        await Produce(1, partition: 0);
        await using var classic = _kafka.CreateConsumer<string?, string>(new ConsumerOptions { GroupId = Group, Topics = [Topic], AutoOffsetReset = AutoOffsetReset.Earliest });
        await foreach (var _ in classic.ReadAllAsync(_end.Token))
            break;
        await using var consumer = _kafka.CreateShareConsumer<string?, string>(Group, Topic);
        var error = await Assert.ThrowsAnyAsync<KafkaException>(() => Read(consumer, 1));
        Assert.True(error.IsFatal);
        Assert.Contains("another kind", error.Message, StringComparison.Ordinal);
    }

    KafkaClient NewClient() => new(new KafkaClientOptions
    {
        BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync,
        RetryBackoff = TimeSpan.FromMilliseconds(2), RetryBackoffMax = TimeSpan.FromMilliseconds(10),
    });

    ShareConsumer<string?, TValue> Create<TValue>(Action<ShareConsumerOptions>? configure = null, IDeserializer<TValue>? values = null)
    {
        _embedded.SetGroupConfig(Group, "share.auto.offset.reset", "earliest");
        var options = new ShareConsumerOptions { GroupId = Group, Topics = [Topic], FetchMaxWait = TimeSpan.FromMilliseconds(100) };
        configure?.Invoke(options);
        return _kafka.CreateShareConsumer(options, values: values, keys: Serdes.Default<string?>());
    }

    async Task<List<string>> Read(ShareConsumer<string?, string> consumer, int count) => [.. (await ReadCounted(consumer, count)).Select(static record => record.Value)];

    async Task<List<(string Value, int Count)>> ReadCounted(ShareConsumer<string?, string> consumer, int count)
    {
        var read = new List<(string, int)>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            read.Add((record.Value, record.DeliveryCount));
            if (read.Count == count)
                break;
        }
        return read;
    }

    /// <summary>Record i has the value i.</summary>
    async Task Produce(int count, CompressionCodec codec = CompressionCodec.None, int? partition = null, int from = 0)
    {
        await using var producer = _kafka.CreateProducer<Nothing, string>(new ProducerOptions { Compression = codec });
        await Task.WhenAll(Enumerable.Range(from, count).Select(i =>
            producer.ProduceAsync(new ProducerRecord<Nothing, string>(Topic, default, $"{i}") { Partition = partition }).AsTask()));
    }

    /// <summary>Reads any text but "1".</summary>
    sealed class Fussy : IDeserializer<string>
    {
        public string Deserialize(ReadOnlySpan<byte> bytes) =>
            System.Text.Encoding.UTF8.GetString(bytes) is var text && text == "1" ? throw new FormatException("It is 1.") : text;
    }
}
