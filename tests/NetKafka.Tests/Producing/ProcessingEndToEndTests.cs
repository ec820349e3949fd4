using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Testing;

namespace NetKafka.Tests.Producing;

/// <summary>Consume, work and produce in one call, against the embedded Kafka, by the rules of both versions.</summary>
public sealed class ProcessingEndToEndTests : IAsyncDisposable
{
    const int Partitions = 3;
    const int Mark = -1;
    const string Group = "g";

    EmbeddedKafka _embedded = null!;
    KafkaClient _kafka = null!;

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 100)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    public async Task Each_record_is_worked_on_once_and_its_offset_committed(int version, int commitMs)
    {
        Start(version);
        await Write(200);
        await using var producer = Producer("txn");
        await using var source = Source();
        using var stop = new CancellationTokenSource();
        var processing = producer.ProcessAsync(source, Copy(producer), TimeSpan.FromMilliseconds(commitMs), stop.Token);
        await CommittedAre(200, processing);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(Enumerable.Range(0, 200), (await ReadCommitted()).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Work_that_fails_for_a_while_is_done_again_and_nothing_of_the_failures_shows(int version)
    {
        Start(version);
        await Write(90);
        await using var producer = Producer("txn");
        await using var source = Source();
        using var stop = new CancellationTokenSource();
        var (copy, failures) = (Copy(producer), 0);
        var processing = producer.ProcessAsync(
            source,
            async (batch, cancellation) =>
            {
                await copy(batch, cancellation);
                if (++failures <= 3)
                    throw new KafkaException("not yet") { IsRetriable = true };
            },
            TimeSpan.Zero, stop.Token);
        await CommittedAre(90, processing);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(Enumerable.Range(0, 90), (await ReadCommitted()).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Error_of_the_work_ends_the_loop_and_the_next_one_goes_on_without_a_trace_of_it(int version)
    {
        Start(version);
        await Write(60);
        await using var producer = Producer("txn");
        await using var source = Source();
        using var stop = new CancellationTokenSource();
        var copy = Copy(producer);
        var error = await Assert.ThrowsAsync<FormatException>(() => producer.ProcessAsync(
            source,
            async (batch, cancellation) =>
            {
                await copy(batch, cancellation);
                throw new FormatException("bad record");
            },
            cancellation: stop.Token));
        Assert.Equal("bad record", error.Message);
        var processing = producer.ProcessAsync(source, copy, cancellation: stop.Token);
        await CommittedAre(60, processing);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(Enumerable.Range(0, 60), (await ReadCommitted()).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Record_that_nobody_awaits_and_that_cannot_be_buffered_ends_the_loop_and_commits_nothing(int version)
    {
        Start(version);
        await Write(30);
        await using var producer = Producer("txn");
        await using var source = Source();
        var copy = Copy(producer);
        var error = await Assert.ThrowsAsync<TransactionException>(() => producer.ProcessAsync(
            source,
            async (batch, cancellation) =>
            {
                await copy(batch, cancellation);
                _ = producer.PostAsync(new ProducerRecord<int, int>("no name of a topic", 0, 0), cancellation: cancellation).AsTask();
            },
            cancellation: CancellationToken.None));
        Assert.IsType<ProduceException>(error.InnerException);
        Assert.Empty(await ReadCommitted());
        using var stop = new CancellationTokenSource();
        var processing = producer.ProcessAsync(source, copy, cancellation: stop.Token);
        await CommittedAre(30, processing);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(Enumerable.Range(0, 30), (await ReadCommitted()).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Members_that_come_and_go_share_the_work_and_none_of_it_is_done_twice(int version)
    {
        Start(version);
        using var stop = new CancellationTokenSource();
        var members = new List<Task>();
        for (var i = 0; i < 3; i++)
        {
            await Write(50, from: 50 * i);
            members.Add(RunMember($"txn-{i}", stop.Token));
        }
        await CommittedAre(150, members);
        stop.Cancel();
        await Task.WhenAll(members);
        Assert.Equal(Enumerable.Range(0, 150), (await ReadCommitted()).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Producer_that_another_one_of_its_name_has_fenced_is_over(int version)
    {
        Start(version);
        await Write(10);
        await using var first = Producer("txn");
        await using var source = Source();
        var isFenced = new TaskCompletionSource();
        var copy = Copy(first);
        var processing = first.ProcessAsync(source, async (batch, cancellation) =>
        {
            await copy(batch, cancellation);
            await using var second = Producer("txn");
            await second.InitTransactionsAsync(cancellation);
            isFenced.TrySetResult();
        });
        await isFenced.Task;
        var error = await Assert.ThrowsAsync<TransactionException>(() => processing);
        Assert.Equal((TransactionRemedy.None, true), (error.Remedy, error.IsFatal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Transaction_that_takes_longer_than_its_timeout_is_begun_anew(int version)
    {
        Start(version);
        await Write(30);
        await using var producer = _kafka.CreateProducer<int, int>(new ProducerOptions { TransactionalId = "txn", TransactionTimeout = TimeSpan.FromMilliseconds(100) });
        await using var source = Source();
        using var stop = new CancellationTokenSource();
        var (copy, isFirst) = (Copy(producer), true);
        var processing = producer.ProcessAsync(
            source,
            async (batch, cancellation) =>
            {
                await copy(batch, cancellation);
                if (!isFirst)
                    return;
                isFirst = false;
                // What is written behind a transaction can be read once its coordinator has aborted it.
                Assert.Empty(await ReadCommitted());
            },
            TimeSpan.Zero, stop.Token);
        await CommittedAre(30, processing);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => processing);
        Assert.Equal(Enumerable.Range(0, 30), (await ReadCommitted()).Order());
    }

    [Fact]
    public async Task Source_that_commits_by_itself_or_has_no_group_is_refused()
    {
        Start(2);
        await using var producer = Producer("txn");
        await using var committing = _kafka.CreateConsumer<int, int>(new ConsumerOptions { GroupId = Group, Topics = ["in"] });
        await using var alone = _kafka.CreateConsumer<int, int>(new ConsumerOptions { EnableAutoCommit = false });
        await Refused(committing, "EnableAutoCommit");
        await Refused(alone, "GroupId");

        async Task Refused(Consumer<int, int> source, string setting)
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => producer.ProcessAsync(source, Copy(producer)));
            Assert.Contains(setting, error.Message);
        }
    }

    [Fact]
    public async Task Producer_without_a_transactional_id_is_refused()
    {
        Start(2);
        await using var producer = _kafka.CreateProducer<int, int>();
        await using var source = Source();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => producer.ProcessAsync(source, Copy(producer)));
        Assert.Contains("TransactionalId", error.Message);
    }

    async Task RunMember(string id, CancellationToken stop)
    {
        await using var producer = Producer(id);
        await using var source = Source();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => producer.ProcessAsync(source, Copy(producer), cancellation: stop));
    }

    static Func<ConsumerBatch<int, int>, CancellationToken, ValueTask> Copy(Producer<int, int> producer) => async (batch, cancellation) =>
    {
        foreach (var record in batch)
            await producer.PostAsync(new ProducerRecord<int, int>("out", record.Key, record.Value), cancellation: cancellation);
    };

    void Start(int version)
    {
        _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, AutoCreateTopics = false, TransactionVersion = version });
        _embedded.CreateTopic("in", Partitions);
        _embedded.CreateTopic("out", Partitions);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    /// <summary>Writes numbers in a row, some to each partition.</summary>
    async Task Write(int count, int from = 0)
    {
        await using var producer = _kafka.CreateProducer<int, int>(new ProducerOptions { BatchSize = 200 });
        for (var i = from; i < from + count; i++)
            await producer.ProduceAsync(new ProducerRecord<int, int>("in", i, i) { Partition = i % Partitions });
    }

    Producer<int, int> Producer(string id) => _kafka.CreateProducer<int, int>(new ProducerOptions { TransactionalId = id });

    Consumer<int, int> Source() => _kafka.CreateConsumer<int, int>(new ConsumerOptions
    {
        GroupId = Group, Topics = ["in"], EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest,
    });

    /// <summary>All records that are committed at this moment, but those that mark it.</summary>
    async Task<List<int>> ReadCommitted()
    {
        await using var producer = _kafka.CreateProducer<int, int>();
        var marks = new Dictionary<int, long>();
        for (var partition = 0; partition < Partitions; partition++)
            marks[partition] = (await producer.ProduceAsync(new ProducerRecord<int, int>("out", Mark, Mark) { Partition = partition })).Offset;
        await using var consumer = _kafka.CreateConsumer<int, int>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest });
        await consumer.AssignAsync(Enumerable.Range(0, Partitions).Select(static partition => new TopicPartition("out", partition)));
        var read = new List<int>();
        await foreach (var record in consumer.ReadAllAsync())
        {
            if (record.Value != Mark)
                read.Add(record.Value);
            else if (marks.GetValueOrDefault(record.Partition, -1) == record.Offset)
                marks.Remove(record.Partition);
            if (marks.Count == 0)
                break;
        }
        return read;
    }

    /// <summary>Waits until all of so many records are committed in the group.</summary>
    async Task CommittedAre(int count, params IEnumerable<Task> loops)
    {
        while (Enumerable.Range(0, Partitions).Sum(partition => _embedded.GetCommittedOffset(Group, "in", partition) ?? 0) < count)
        {
            foreach (var ended in loops.Where(static loop => loop.IsCompleted))
                await ended;
            await Task.Yield();
        }
    }
}
