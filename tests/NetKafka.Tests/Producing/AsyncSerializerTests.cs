using System.Buffers;
using System.Text;
using NetKafka.Producing;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Producing;

/// <summary>Serializers that have to wait, as for the id of a schema.</summary>
public sealed class AsyncSerializerTests : IAsyncDisposable
{
    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { AutoCreateTopics = false });
    readonly KafkaClient _kafka;
    readonly Registry _registry = new();

    public AsyncSerializerTests()
    {
        _embedded.CreateTopic("t", 1);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Records_keep_their_order_however_long_each_serializer_takes()
    {
        await using var producer = Create();
        await producer.ProduceAsync("t", "k", "known");
        var late = _registry.Hold("late");
        var later = _registry.Hold("later");
        ValueTask<RecordMetadata>[] sent =
        [
            producer.ProduceAsync("t", "k", "late"), producer.ProduceAsync("t", "k", "at once"), producer.ProduceAsync("t", "k", "later"),
        ];
        var posted = producer.PostAsync(new ProducerRecord<string, string>("t", "k", "last"));
        later.SetResult();
        Assert.False(sent[1].IsCompleted);
        late.SetResult();
        await posted;
        for (var i = 0; i < sent.Length; i++)
            Assert.Equal(i + 1, (await sent[i]).Offset);
        await producer.FlushAsync();

        Assert.Equal(["known", "late", "at once", "later", "last"], Values());
    }

    [Fact]
    public async Task Serializer_is_told_what_it_writes()
    {
        await using var producer = Create();
        await producer.ProduceAsync("t", "k", "v");
        Assert.Equal(["t value"], _registry.Asked);
    }

    [Fact]
    public async Task Record_whose_serializer_fails_ends_in_its_turn_and_the_next_go_on()
    {
        await using var producer = Create();
        var late = _registry.Hold("late");
        var first = producer.ProduceAsync("t", "k", "late");
        var second = producer.ProduceAsync("t", "k", "bad");
        var third = producer.ProduceAsync("t", "k", "good");
        late.SetResult();

        Assert.Equal(0, (await first).Offset);
        var error = await Assert.ThrowsAsync<KafkaSerializationException>(async () => await second);
        Assert.Contains("The value of a record for t could not be written by Registry", error.Message);
        Assert.Equal(1, (await third).Offset);
    }

    [Fact]
    public async Task Serializer_that_does_not_end_fails_its_record_after_MaxBlock()
    {
        await using var producer = _kafka.CreateProducer(Serdes.String, _registry, new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(50) });
        var never = _registry.Hold("never");
        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(async () => await producer.ProduceAsync("t", "k", "never"));
        Assert.Contains("MaxBlock", error.Message);
        never.SetResult();
    }

    [Fact]
    public async Task Caller_who_gives_up_while_his_serializer_waits_has_written_nothing()
    {
        await using var producer = Create();
        var held = _registry.Hold("held");
        using var source = new CancellationTokenSource();
        var sent = producer.ProduceAsync("t", "k", "held", source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        held.SetResult();
        await producer.ProduceAsync("t", "k", "next");
        Assert.Equal(["next"], Values());
    }

    [Fact]
    public async Task Record_is_not_taken_without_waiting_where_its_serializer_waits()
    {
        await using var producer = Create();
        await producer.ProduceAsync("t", "k", "first");
        var held = _registry.Hold("held");
        Assert.False(producer.TryPost(new ProducerRecord<string, string>("t", "k", "held")));
        held.SetResult();
        Assert.True(producer.TryPost(new ProducerRecord<string, string>("t", "k", "held")));
        await producer.FlushAsync();
        Assert.Equal(["first", "held"], Values());
    }

    [Fact]
    public async Task Key_may_have_to_wait_too()
    {
        await using var producer = _kafka.CreateProducer(_registry, Serdes.String);
        var held = _registry.Hold("held");
        var sent = producer.ProduceAsync("t", "held", "v").AsTask();
        Assert.False(sent.IsCompleted);
        held.SetResult();
        await sent;
        var record = Assert.Single(_embedded.ReadLog("t", 0));
        Assert.Equal(("held", "v"), (Encoding.UTF8.GetString(record.Key!.Value.Span), Encoding.UTF8.GetString(record.Value!.Value.Span)));
        Assert.Equal(["t key"], _registry.Asked);
    }

    [Fact]
    public async Task Many_records_keep_their_order_where_one_in_the_middle_waits()
    {
        await using var producer = Create();
        var held = _registry.Hold("held");
        var told = 0;
        ProducerRecord<string, string>[] records = [.. new[] { "a", "held", "b" }.Select(static value => new ProducerRecord<string, string>("t", "k", value))];
        var posting = producer.PostAsync(records, _ => Interlocked.Increment(ref told)).AsTask();
        held.SetResult();
        await posting;
        await producer.FlushAsync();
        Assert.Equal(["a", "held", "b"], Values());
        Assert.Equal(3, told);
    }

    [Fact]
    public async Task Flush_waits_for_a_record_whose_serializer_waits()
    {
        await using var producer = Create();
        var held = _registry.Hold("held");
        var sent = producer.ProduceAsync("t", "k", "held").AsTask();
        var flush = producer.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);
        held.SetResult();
        await flush;
        Assert.Equal(["held"], Values());
        await sent;
    }

    [Fact]
    public async Task End_of_a_producer_waits_for_a_record_whose_serializer_waits()
    {
        var producer = Create();
        var held = _registry.Hold("held");
        var sent = producer.ProduceAsync("t", "k", "held").AsTask();
        var end = producer.DisposeAsync().AsTask();
        held.SetResult();
        await end;
        Assert.Equal(0, (await sent).Offset);
    }

    [Fact]
    public async Task Commit_waits_for_a_record_whose_serializer_waits_and_takes_it_in()
    {
        await using var producer = _kafka.CreateProducer(Serdes.String, _registry, new ProducerOptions { TransactionalId = "txn" });
        await producer.BeginTransactionAsync();
        var held = _registry.Hold("held");
        var sent = producer.ProduceAsync("t", "k", "held").AsTask();
        var commit = producer.CommitTransactionAsync().AsTask();
        held.SetResult();
        await commit;
        Assert.Equal(0, (await sent).Offset);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await producer.ProduceAsync("t", "k", "outside"));
    }

    [Fact]
    public async Task Purge_ends_a_record_whose_serializer_waits()
    {
        await using var producer = Create();
        var held = _registry.Hold("held");
        var sent = producer.ProduceAsync("t", "k", "held").AsTask();
        var purge = producer.PurgeAsync().AsTask();
        held.SetResult();
        await purge;
        Assert.Equal(RecordFate.NotWritten, (await Assert.ThrowsAsync<ProduceException>(() => sent)).Fate);
        Assert.Empty(Values());
    }

    [Fact]
    public void Synchronous_call_of_a_serializer_that_waits_says_what_to_call() =>
        Assert.Contains("SerializeAsync", Assert.Throws<NotSupportedException>(() => ((ISerializer<string>)_registry).Serialize("x", new ArrayBufferWriter<byte>())).Message);

    Producer<string, string> Create() => _kafka.CreateProducer(Serdes.String, _registry);

    IEnumerable<string> Values() => _embedded.ReadLog("t", 0).Select(static record => Encoding.UTF8.GetString(record.Value!.Value.Span));

    /// <summary>Knows everything but what it is held up for.</summary>
    sealed class Registry : IAsyncSerializer<string>
    {
        readonly Dictionary<string, TaskCompletionSource> _held = [];

        public List<string> Asked { get; } = [];

        public TaskCompletionSource Hold(string value) => _held[value] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask SerializeAsync(string value, SerializationContext context, IBufferWriter<byte> destination, CancellationToken cancellation)
        {
            lock (Asked)
                Asked.Add($"{context.Topic} {(context.IsKey ? "key" : "value")}");
            if (value == "bad")
                throw new InvalidOperationException("no such schema");
            if (_held.TryGetValue(value, out var held) && !held.Task.IsCompleted)
                return WaitAsync(held.Task, value, destination);
            Write(value, destination);
            return ValueTask.CompletedTask;
        }

        static async ValueTask WaitAsync(Task held, string value, IBufferWriter<byte> destination)
        {
            await held;
            Write(value, destination);
        }

        static void Write(string value, IBufferWriter<byte> destination) => destination.Write(Encoding.UTF8.GetBytes(value));
    }
}
