using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Who looks on as records are read (KIP-42), and deserializers that have to wait.</summary>
public sealed class ConsumerInterceptorTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TopicPartition P = new("t", 0);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { AutoCreateTopics = false });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);
    readonly ConcurrentQueue<string> _told = new();

    public ConsumerInterceptorTests()
    {
        _embedded.CreateTopic("t", 1);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    async Task Produce(params string[] values)
    {
        await using var producer = _kafka.CreateProducer<Nothing, string>();
        foreach (var value in values)
            await producer.ProduceAsync("t", default, value, _end.Token);
    }

    async Task<Consumer<Nothing, string>> Assigned(
        IDeserializer<string>? values, Action<ConsumerOptions>? configure = null, params ConsumerInterceptor<Nothing, string>[] interceptors)
    {
        var options = new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest, GroupId = "group", EnableAutoCommit = false };
        configure?.Invoke(options);
        var consumer = _kafka.CreateConsumer(options, null, values, interceptors);
        await consumer.AssignAsync([P], _end.Token);
        return consumer;
    }

    async Task<List<string>> Read(Consumer<Nothing, string> consumer, int count)
    {
        var read = new List<string>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            read.Add(record.Value);
            if (read.Count == count)
                break;
        }
        return read;
    }

    [Fact]
    public async Task Interceptors_change_what_is_read_one_after_another_and_what_one_throws_changes_nothing()
    {
        await Produce("x", "y");
        await using var consumer = await Assigned(null, null, new Recorder(_told, "1"), new Recorder(_told, null), new Recorder(_told, "2"));
        Assert.Equal(["x12", "y12"], await Read(consumer, 2));
        Assert.Equal(["x12", "y12"], (await consumer.PollAsync(Patience, null, _end.Token)).Select(record => record.Value).Prepend("x12"));
    }

    [Fact]
    public async Task Interceptors_see_records_of_batches_and_of_runners()
    {
        await Produce("x");
        await using var consumer = await Assigned(null, null, new Recorder(_told, "1"));
        await foreach (var batch in consumer.ReadBatchesAsync(_end.Token))
        {
            Assert.Equal("x1", Assert.Single(batch).Value);
            break;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var handled = new List<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync((record, _) =>
        {
            handled.Add(record.Value);
            stop.Cancel();
            return default;
        }, null, stop.Token));
        Assert.Equal(["x1"], handled);
    }

    [Fact]
    public async Task Interceptors_are_told_of_what_was_committed()
    {
        await Produce("x");
        using var told = new SemaphoreSlim(0);
        await using var consumer = await Assigned(null, null, new Recorder(_told, null) { Told = told }, new Recorder(_told, "1") { Told = told });
        await consumer.CommitAsync(new TopicPartitionOffset(P, 1), _end.Token);
        await told.WaitAsync(_end.Token);
        await told.WaitAsync(_end.Token);
        await Assert.ThrowsAsync<KafkaException>(
            () => consumer.CommitAsync(new TopicPartitionOffset(P, 1) { Metadata = new string('x', 5000) }, _end.Token).AsTask());
        Assert.Equal(["committed t-0@1", "committed t-0@1"], _told);
    }

    [Fact]
    public async Task Record_that_is_waited_for_comes_before_those_behind_it()
    {
        await Produce("slow a", "b", "slow c", "d");
        await using var consumer = await Assigned(new Waiting());
        Assert.Equal(["slow a!", "b!", "slow c!", "d!"], await Read(consumer, 4));
        Assert.Equal(3, consumer.Position(P));
    }

    [Fact]
    public async Task Poll_waits_for_its_records_in_their_order()
    {
        await Produce("slow a", "b", "slow c", "d");
        await using var consumer = await Assigned(new Waiting());
        var read = new List<string>();
        while (read.Count < 4)
            read.AddRange((await consumer.PollAsync(Patience, 3, _end.Token)).Select(record => record.Value));
        Assert.Equal(["slow a!", "b!", "slow c!", "d!"], read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Record_that_turns_out_to_be_unreadable_stays_until_it_is_skipped(bool isPolled)
    {
        await Produce("slow a", "slow bad", "c");
        await using var consumer = await Assigned(new Waiting());
        var read = new List<string>();
        async Task ReadOn()
        {
            if (isPolled)
                read.AddRange((await consumer.PollAsync(Patience, null, _end.Token)).Select(record => record.Value));
            else
            {
                await foreach (var record in consumer.ReadAllAsync(_end.Token))
                {
                    read.Add(record.Value);
                    if (read.Count == 2)
                        return;
                }
            }
        }
        if (isPolled)
            await ReadOn();
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(ReadOn);
        Assert.Equal((1L, P), (error.Offset, error.Partition));
        Assert.Equal("slow bad"u8.ToArray(), error.ValueBytes);
        Assert.Equal(1, consumer.Position(P));
        await consumer.SkipAsync(error, _end.Token);
        await ReadOn();
        Assert.Equal(["slow a!", "c!"], read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Record_that_turns_out_to_be_unreadable_is_decided_on(bool isPolled)
    {
        await Produce("slow bad", "b");
        await using var consumer = await Assigned(
            new Waiting(), options => options.OnUnreadableRecord = (_, _) => ValueTask.FromResult(UnreadableRecordAction.Skip));
        var read = isPolled
            ? [.. (await consumer.PollAsync(Patience, null, _end.Token)).Select(record => record.Value)]
            : await Read(consumer, 1);
        Assert.Equal(["b!"], read);
    }

    [Fact]
    public async Task Runner_waits_for_records_and_skips_those_that_cannot_be_read()
    {
        await Produce("slow a", "slow bad", "c");
        await using var consumer = await Assigned(
            new Waiting(), options => options.OnUnreadableRecord = (_, _) => ValueTask.FromResult(UnreadableRecordAction.Skip), new Recorder(_told, "1"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var handled = new ConcurrentQueue<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync((record, _) =>
        {
            handled.Enqueue(record.Value);
            if (handled.Count == 2)
                stop.Cancel();
            return default;
        }, new ProcessingOptions { Order = ProcessingOrder.ByPartition }, stop.Token));
        Assert.Equal(["slow a!1", "c!1"], handled);
        Assert.Equal(3, consumer.Position(P));
    }

    [Fact]
    public async Task Loop_that_waits_for_a_record_can_be_cancelled_and_the_record_comes_again()
    {
        await Produce("never");
        var values = new Waiting();
        await using var consumer = await Assigned(values);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var loop = consumer.ReadAllAsync(stop.Token).GetAsyncEnumerator();
        var move = loop.MoveNextAsync();
        await values.IsAsked.Task.WaitAsync(_end.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => move.AsTask());
        await loop.DisposeAsync();
        Assert.Equal(0, consumer.Position(P));
    }

    [Fact]
    public async Task Batches_are_refused_where_a_deserializer_may_have_to_wait()
    {
        await using var consumer = await Assigned(new Waiting());
        Assert.Throws<InvalidOperationException>(() => { _ = consumer.ReadBatchesAsync().GetAsyncEnumerator(); });
        Assert.Throws<NotSupportedException>(() => ((IDeserializer<string>)new Waiting()).Deserialize([]));
    }

    /// <summary>Waits for values that say so, until there is nothing else to do.</summary>
    sealed class Waiting : IAsyncDeserializer<string>
    {
        public TaskCompletionSource IsAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<string> DeserializeAsync(ReadOnlyMemory<byte> bytes, DeserializationContext context, CancellationToken cancellation)
        {
            Assert.Equal(("t", false, 0), (context.Topic, context.IsKey, context.Headers.Count));
            IsAsked.TrySetResult();
            var text = System.Text.Encoding.UTF8.GetString(bytes.Span);
            return text.StartsWith("slow", StringComparison.Ordinal) || text == "never" ? WaitAsync(text, cancellation) : new ValueTask<string>(text + "!");
        }

        static async ValueTask<string> WaitAsync(string text, CancellationToken cancellation)
        {
            if (text == "never")
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            await Task.Yield();
            return text.EndsWith("bad", StringComparison.Ordinal) ? throw new FormatException("bad") : text + "!";
        }
    }

    /// <summary>Appends to each value, or throws.</summary>
    sealed class Recorder(ConcurrentQueue<string> told, string? suffix) : ConsumerInterceptor<Nothing, string>
    {
        public SemaphoreSlim? Told { get; init; }

        public override ConsumerRecord<Nothing, string> OnConsume(in ConsumerRecord<Nothing, string> record) =>
            suffix is null ? throw new NotSupportedException("an interceptor") : record.With(record.Key, record.Value + suffix);

        public override void OnCommit(IReadOnlyList<TopicPartitionOffset> offsets)
        {
            told.Enqueue($"committed {string.Join(' ', offsets)}");
            Told?.Release();
            if (suffix is null)
                throw new NotSupportedException("an interceptor");
        }
    }
}
