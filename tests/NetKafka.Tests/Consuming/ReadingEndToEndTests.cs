using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Ways to read, against the embedded Kafka over in-memory streams.</summary>
public sealed class ReadingEndToEndTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, DefaultPartitions = 3 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public ReadingEndToEndTests() => _kafka = new KafkaClient(
        new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    static TopicPartition P(int partition) => new("payments", partition);

    static ConsumerOptions Alone(Action<ConsumerOptions>? configure = null)
    {
        var options = new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest };
        configure?.Invoke(options);
        return options;
    }

    async Task Produce(int partition, params string[] values)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        foreach (var value in values)
            await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", value) { Partition = partition }, _end.Token);
    }

    [Fact]
    public async Task Reader_is_told_of_each_end_behind_the_last_record_before_it()
    {
        await Produce(0, "a", "b");
        await Produce(1, "c");
        var seen = new List<string>();
        var ends = 0;
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnPartitionEnd = async (end, cancellation) =>
        {
            seen.Add($"end of {end}");
            if (++ends == 3)
                await Produce(0, "d");
            else if (ends == 4)
                _end.Cancel();
        }));
        await consumer.AssignAsync([P(0), P(1), P(2)], _end.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                seen.Add($"{record} {record.Value}");
        });
        Assert.Equal(
            ["payments-0@0 a", "payments-0@1 b", "end of payments-0@2", "payments-0@2 d", "end of payments-0@3"],
            seen.Where(line => line.Contains("payments-0", StringComparison.Ordinal)));
        Assert.Equal(["payments-1@0 c", "end of payments-1@1"], seen.Where(line => line.Contains("payments-1", StringComparison.Ordinal)));
        Assert.Equal(["end of payments-2@0"], seen.Where(line => line.Contains("payments-2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Error_of_who_is_told_of_an_end_reaches_the_reader()
    {
        await Produce(0, "a");
        await using var consumer = _kafka.CreateConsumer<string, string>(
            Alone(options => options.OnPartitionEnd = (_, _) => throw new NotSupportedException("enough")));
        await consumer.AssignAsync([P(0)], _end.Token);
        var read = new List<string>();
        await Assert.ThrowsAsync<NotSupportedException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                read.Add(record.Value);
        });
        Assert.Equal(["a"], read);
        Assert.Equal(1, consumer.Position(P(0)));
    }

    [Fact]
    public async Task Runner_is_told_of_an_end_too()
    {
        await Produce(0, "a", "b");
        using var told = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var end = default(TopicPartitionOffset);
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnPartitionEnd = (place, _) =>
        {
            end = place;
            told.Cancel();
            return default;
        }));
        await consumer.AssignAsync([P(0)], _end.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync((_, _) => default, null, told.Token));
        Assert.Equal(new TopicPartitionOffset(P(0), 2), end);
    }

    static List<string> Text(IEnumerable<ConsumerRecord<string, string>> records) => [.. records.Select(record => $"{record.Offset}={record.Value}")];

    [Fact]
    public async Task Poll_returns_as_many_as_are_asked_for_and_finishes_them_with_the_next()
    {
        await Produce(0, "a", "b", "c");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Equal(["0=a", "1=b"], Text(await consumer.PollAsync(Patience, 2, _end.Token)));
        Assert.Equal(0, consumer.Position(P(0)));
        Assert.Equal(["2=c"], Text(await consumer.PollAsync(Patience, 2, _end.Token)));
        Assert.Equal(2, consumer.Position(P(0)));
        Assert.Empty(await consumer.PollAsync(TimeSpan.Zero, 2, _end.Token));
        Assert.Equal(3, consumer.Position(P(0)));
    }

    [Fact]
    public async Task Poll_waits_for_the_first_record()
    {
        _embedded.CreateTopic("payments", 3);
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        var poll = consumer.PollAsync(Timeout.InfiniteTimeSpan, cancellation: _end.Token);
        await Produce(0, "a");
        Assert.Equal(["0=a"], Text(await poll));
    }

    [Fact]
    public async Task What_was_polled_last_is_read_again_unless_it_was_marked_as_finished()
    {
        await Produce(0, "a", "b", "c", "d");
        var options = Alone(options => options.GroupId = "group");
        await using (var first = _kafka.CreateConsumer<string, string>(options))
        {
            await first.AssignAsync([P(0)], _end.Token);
            Assert.Equal(2, (await first.PollAsync(Patience, 2, _end.Token)).Count);
            first.MarkFinished();
            Assert.Single(await first.PollAsync(Patience, 1, _end.Token));
        }
        Assert.Equal(2, _embedded.GetCommittedOffset("group", "payments", 0));
        await using (var second = _kafka.CreateConsumer<string, string>(options))
        {
            await second.AssignAsync([P(0)], _end.Token);
            var records = await second.PollAsync(Patience, 2, _end.Token);
            Assert.Equal(["2=c", "3=d"], Text(records));
            second.MarkFinished(records[0]);
        }
        Assert.Equal(3, _embedded.GetCommittedOffset("group", "payments", 0));
    }

    [Fact]
    public async Task Loop_goes_on_behind_what_was_polled()
    {
        await Produce(0, "a", "b", "c");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Equal(2, (await consumer.PollAsync(Patience, 2, _end.Token)).Count);
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Equal("c", record.Value);
            break;
        }
        Assert.Equal(["2=c"], Text(await consumer.PollAsync(Patience, null, _end.Token)));
    }

    [Fact]
    public async Task Record_that_cannot_be_read_is_polled_behind_those_before_it()
    {
        await using (var producer = _kafka.CreateProducer<string, byte[]>())
        {
            foreach (var value in new byte[][] { [0, 0, 0, 1], [7], [0, 0, 0, 3] })
                await producer.ProduceAsync(new ProducerRecord<string, byte[]>("payments", "k", value) { Partition = 0 }, _end.Token);
        }
        await using var consumer = _kafka.CreateConsumer<string, int>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Equal([1], (await consumer.PollAsync(Patience, null, _end.Token)).Select(record => record.Value));
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(() => consumer.PollAsync(Patience, null, _end.Token).AsTask());
        Assert.Equal(1, error.Offset);
        Assert.Equal(1, consumer.Position(P(0)));
        await consumer.SkipAsync(error, _end.Token);
        Assert.Equal([3], (await consumer.PollAsync(Patience, null, _end.Token)).Select(record => record.Value));

        await using var lenient = _kafka.CreateConsumer<string, int>(
            Alone(options => options.OnUnreadableRecord = (_, _) => ValueTask.FromResult(UnreadableRecordAction.Skip)));
        await lenient.AssignAsync([P(0)], _end.Token);
        var read = new List<int>();
        while (read.Count < 2)
            read.AddRange((await lenient.PollAsync(Patience, null, _end.Token)).Select(record => record.Value));
        Assert.Equal([1, 3], read);
    }

    [Fact]
    public async Task Poll_tells_the_end_of_a_partition_once_what_lies_before_it_is_finished()
    {
        await Produce(0, "a");
        TopicPartitionOffset? end = null;
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnPartitionEnd = (place, _) =>
        {
            end = place;
            return default;
        }));
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Single(await consumer.PollAsync(Patience, null, _end.Token));
        Assert.Null(end);
        Assert.Empty(await consumer.PollAsync(TimeSpan.Zero, null, _end.Token));
        Assert.Equal(new TopicPartitionOffset(P(0), 1), end);
    }

    [Fact]
    public async Task Views_of_compressed_batches_live_until_the_next_poll()
    {
        await using (var producer = _kafka.CreateProducer<string, string>(new ProducerOptions { Compression = CompressionCodec.Lz4 }))
        {
            foreach (var value in new[] { "a", "b", "c" })
                await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", value) { Partition = 0 }, _end.Token);
        }
        await using var consumer = _kafka.CreateConsumer<string, ReadOnlyMemory<byte>>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        var first = await consumer.PollAsync(Patience, 2, _end.Token);
        Assert.Equal(["a", "b"], first.Select(record => System.Text.Encoding.UTF8.GetString(record.Value.Span)));
        var second = await consumer.PollAsync(Patience, 2, _end.Token);
        Assert.Throws<InvalidOperationException>(() => first[0].Value.Span.Length);
        Assert.Equal(["c"], second.Select(record => System.Text.Encoding.UTF8.GetString(record.Value.Span)));
    }

    [Fact]
    public async Task Poll_beside_a_loop_is_refused()
    {
        await Produce(0, "a");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => consumer.PollAsync(Patience, null, _end.Token).AsTask());
            break;
        }
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => consumer.PollAsync(Patience, 0, _end.Token).AsTask());
    }

    [Fact]
    public async Task Tail_reads_what_is_written_from_then_on_and_new_partitions_from_their_beginning()
    {
        await Produce(0, "old");
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync, MetadataMaxAge = TimeSpan.FromMilliseconds(50),
        });
        await using var consumer = kafka.CreateConsumer<string, string>(Alone());
        await consumer.AssignTopicsAsync(["payments"], AutoOffsetReset.Latest, _end.Token);
        Assert.Equal([P(0), P(1), P(2)], consumer.Assignment);
        await Produce(0, "new");
        _embedded.AddPartitions("payments", 4);
        await using (var producer = kafka.CreateProducer<string, string>())
        {
            while ((await producer.GetPartitionsAsync("payments", _end.Token)).Count < 4)
                await Task.Yield();
            await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", "added") { Partition = 3 }, _end.Token);
        }
        var read = new List<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            read.Add($"{record}={record.Value}");
            if (read.Count == 2)
                break;
        }
        Assert.Equal(["payments-0@1=new", "payments-3@0=added"], read.Order());
    }

    [Fact]
    public async Task Topic_is_assigned_from_any_place()
    {
        await Produce(1, "a", "b");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.AutoOffsetReset = AutoOffsetReset.Latest));
        await consumer.AssignTopicsAsync(["payments"], AutoOffsetReset.ByDuration(TimeSpan.FromHours(1)), _end.Token);
        Assert.Equal(0, consumer.Position(P(1)));
        await consumer.AssignTopicsAsync(["payments"], AutoOffsetReset.ByDuration(TimeSpan.Zero), _end.Token);
        await Assert.ThrowsAsync<ArgumentException>(() => consumer.AssignTopicsAsync(["payments"], AutoOffsetReset.None, _end.Token).AsTask());
        Assert.Equal(3, (await consumer.GetPartitionsAsync("payments", _end.Token)).Count);
    }

    [Fact]
    public async Task Single_partitions_come_and_go_while_the_others_are_read_on()
    {
        await Produce(0, "a", "b");
        await Produce(1, "c");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone());
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Equal(["0=a"], Text(await consumer.PollAsync(Patience, 1, _end.Token)));
        await consumer.IncrementalAssignAsync([P(1)], _end.Token);
        var read = new List<string>();
        while (read.Count < 2)
            read.AddRange(Text(await consumer.PollAsync(Patience, null, _end.Token)));
        Assert.Equal(["0=c", "1=b"], read.Order());
        Assert.Empty(await consumer.PollAsync(TimeSpan.Zero, null, _end.Token));

        await consumer.IncrementalUnassignAsync([P(0), P(2)], _end.Token);
        Assert.Equal([P(1)], consumer.Assignment);
        await Produce(0, "d");
        await Produce(1, "e");
        Assert.Equal(["1=e"], Text(await consumer.PollAsync(Patience, null, _end.Token)));
    }

    [Fact]
    public async Task Subscription_and_partitions_by_hand_do_not_mix()
    {
        await using var consumer = _kafka.CreateConsumer<string, string>("group", "payments");
        Assert.Throws<InvalidOperationException>(() => { _ = consumer.IncrementalAssignAsync([P(0)]); });
        Assert.Throws<InvalidOperationException>(() => { _ = consumer.IncrementalUnassignAsync([P(0)]); });
        await Assert.ThrowsAsync<InvalidOperationException>(() => consumer.AssignTopicsAsync(["payments"], AutoOffsetReset.Latest).AsTask());
    }

    [Fact]
    public async Task Ends_of_transactions_are_told_in_their_places()
    {
        await using (var producer = _kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" }))
        {
            await producer.InitTransactionsAsync(_end.Token);
            foreach (var isCommitted in new[] { true, false })
            {
                await producer.BeginTransactionAsync(_end.Token);
                await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", "v") { Partition = 0 }, _end.Token);
                await (isCommitted ? producer.CommitTransactionAsync(_end.Token) : producer.AbortTransactionAsync(_end.Token));
            }
        }
        var seen = new List<string>();
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnTransactionMarker =
            marker => seen.Add($"{marker.Topic}-{marker.Partition}@{marker.Offset} committed={marker.IsCommitted} by {marker.ProducerId >= 0}")));
        await foreach (var record in consumer.ReadRangeAsync([new PartitionRange(P(0))], _end.Token))
            seen.Add($"{record}");
        Assert.Equal(["payments-0@0", "payments-0@1 committed=True by True", "payments-0@2", "payments-0@3 committed=False by True"], seen);
    }

    [Fact]
    public async Task Marker_whose_telling_throws_comes_again()
    {
        await using (var producer = _kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" }))
        {
            await producer.InitTransactionsAsync(_end.Token);
            await producer.BeginTransactionAsync(_end.Token);
            await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", "v") { Partition = 0 }, _end.Token);
            await producer.CommitTransactionAsync(_end.Token);
        }
        var told = 0;
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnTransactionMarker = _ =>
        {
            if (told++ == 0)
                throw new NotSupportedException("once");
        }));
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Single(await consumer.PollAsync(Patience, null, _end.Token));
        await Assert.ThrowsAsync<NotSupportedException>(() => consumer.PollAsync(Patience, null, _end.Token).AsTask());
        Assert.Equal(1, consumer.Position(P(0)));
        while (consumer.Position(P(0)) < 2)
            await consumer.PollAsync(TimeSpan.FromMilliseconds(1), null, _end.Token);
        Assert.Equal(2, told);
    }

    [Fact]
    public async Task Lag_is_what_lies_between_the_position_and_the_end()
    {
        await Produce(0, "a", "b", "c");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone());
        Assert.Null(consumer.CurrentLag(P(0)));
        await consumer.AssignAsync([P(0)], _end.Token);
        Assert.Single(await consumer.PollAsync(Patience, 1, _end.Token));
        Assert.Equal(3, consumer.CurrentLag(P(0)));
        Assert.Equal(2, (await consumer.PollAsync(Patience, null, _end.Token)).Count);
        Assert.Equal(2, consumer.CurrentLag(P(0)));
        consumer.MarkFinished();
        Assert.Equal(0, consumer.CurrentLag(P(0)));
    }

    [Fact]
    public async Task Offset_is_committed_with_its_metadata_and_epoch()
    {
        await Produce(0, "a");
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.GroupId = "group"));
        await consumer.AssignAsync([P(0)], _end.Token);
        var place = new TopicPartitionOffset(P(0), 1, 0) { Metadata = "batch 17" };
        await consumer.CommitAsync(place, _end.Token);
        Assert.Equal(place, Assert.Single(await consumer.CommittedAsync([P(0)], _end.Token)));
        await consumer.CommitAsync(new TopicPartitionOffset(P(0), 1, 0), _end.Token);
        Assert.Null(Assert.Single(await consumer.CommittedAsync([P(0)], _end.Token)).Metadata);
        var error = await Assert.ThrowsAsync<KafkaException>(
            () => consumer.CommitAsync(place with { Metadata = new string('x', 5000) }, _end.Token).AsTask());
        Assert.Equal(Protocol.ErrorCode.OffsetMetadataTooLarge, error.Code);
    }
}
