using System.Diagnostics;
using NetKafka.Consuming;
using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;
using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka.Load.Peers;

/// <summary>Our client.</summary>
/// <param name="name">Another one where it is compiled in another way.</param>
sealed class NetKafkaPeer(string name = "netkafka") : IPeer
{
    const int CountEvery = 1024;

    public string Name => name;

    public string Version => typeof(KafkaClient).Assembly.GetName().Version?.ToString(3) ?? "";

    public async Task FireAsync(LoadSettings settings, Meter meter)
    {
        await using var client = new KafkaClient(settings.Bootstrap);
        await using var producer = CreateProducer(client, settings);
        var payloads = Payloads.For(settings.ValueBytes, settings.Codec);
        var records = Array.ConvertAll(payloads, value => new ProducerRecord<Nothing, ReadOnlyMemory<byte>>(settings.Topic, default, value));
        DeliveryCallback callback = static report =>
        {
            if (report.Error is null)
                ((Meter)report.State!).Add(1);
            else
                ((Meter)report.State!).Fail(report.Error);
        };
        var next = 0;
        var accepted = 0L;
        for (; !meter.IsDone; accepted++)
        {
            if (!producer.TryPost(records[next], callback, meter))
            {
                var since = Stopwatch.GetTimestamp();
                await producer.PostAsync(records[next], callback, meter);
                meter.Waited(since);
            }
            if (++next == records.Length)
                next = 0;
        }
        await producer.FlushAsync();
        meter.Accept(accepted);
    }

    public async Task AwaitAsync(LoadSettings settings, Meter meter)
    {
        await using var client = new KafkaClient(settings.Bootstrap);
        await using var producer = CreateProducer(client, settings);
        ReadOnlyMemory<byte> value = Payloads.For(settings.ValueBytes, settings.Codec)[0];
        await Task.WhenAll(Enumerable.Range(0, settings.Senders).Select(_ => Task.Run(async () =>
        {
            var accepted = 0L;
            for (; !meter.IsDone; accepted++)
            {
                await producer.ProduceAsync(settings.Topic, default, value);
                meter.Add(1);
            }
            meter.Accept(accepted);
        })));
    }

    public async Task TransactAsync(LoadSettings settings, Meter meter)
    {
        await using var client = new KafkaClient(settings.Bootstrap);
        await using var producer = CreateProducer(client, settings, $"load-{Environment.ProcessId}");
        var record = new ProducerRecord<Nothing, ReadOnlyMemory<byte>>(settings.Topic, default, Payloads.For(settings.ValueBytes, settings.Codec)[0]);
        await producer.InitTransactionsAsync();
        var accepted = 0L;
        while (!meter.IsDone)
        {
            await producer.BeginTransactionAsync();
            for (var i = 0; i < IPeer.TransactionRecords; i++)
                await producer.PostAsync(record);
            await producer.CommitTransactionAsync();
            accepted += IPeer.TransactionRecords;
            meter.Add(IPeer.TransactionRecords);
        }
        meter.Accept(accepted);
    }

    public async Task ConsumeAsync(LoadSettings settings, Meter meter)
    {
        await using var client = new KafkaClient(settings.Bootstrap);
        switch (settings.Style)
        {
            case ReadStyle.Fastest or ReadStyle.Group or ReadStyle.ConsumerGroup:
                await ReadBatchesAsync(client, settings, meter);
                break;
            case ReadStyle.Single:
                await ReadAllAsync<ReadOnlyMemory<byte>>(client, settings, meter, static value => value.Length);
                break;
            case ReadStyle.Bytes:
                await ReadAllAsync<byte[]>(client, settings, meter, static value => value.Length);
                break;
            case ReadStyle.Parallel:
                await ProcessAsync(client, settings, meter);
                break;
            case ReadStyle.Share:
                await ShareAsync(client, settings, meter);
                break;
            default:
                await ReadAllAsync<string>(client, settings, meter, static value => value.Length);
                break;
        }
    }

    public Task<IPeerSender> OpenSenderAsync(LoadSettings settings)
    {
        var client = new KafkaClient(settings.Bootstrap);
        return Task.FromResult<IPeerSender>(new Sender(client, CreateProducer(client, settings), settings.Topic));
    }

    public async Task ListenAsync(
        LoadSettings settings, Action<ReadOnlySpan<byte>> onValue, TaskCompletionSource ready, CancellationToken stop)
    {
        await using var client = new KafkaClient(settings.Bootstrap);
        await using var consumer = client.CreateConsumer<Nothing, ReadOnlyMemory<byte>>(ConsumerOptionsFor(settings));
        await consumer.AssignAsync(Partitions(settings), stop);
        ready.TrySetResult();
        try
        {
            await foreach (var batch in consumer.ReadBatchesAsync(stop))
                foreach (var record in batch)
                    onValue(record.Value.Span);
        }
        catch (OperationCanceledException)
        {
            // All that was to be heard was heard.
        }
    }

    static async Task ReadBatchesAsync(KafkaClient client, LoadSettings settings, Meter meter)
    {
        var options = ConsumerOptionsFor(settings);
        var isMember = settings.Style != ReadStyle.Fastest;
        if (isMember)
        {
            (options.GroupId, options.Topics) = (settings.Group, [settings.Topic]);
            options.GroupProtocol = settings.Style == ReadStyle.Group ? GroupProtocol.Classic : GroupProtocol.Consumer;
        }
        await using var consumer = client.CreateConsumer<Nothing, ReadOnlyMemory<byte>>(options);
        if (!isMember)
            await consumer.AssignAsync(Partitions(settings));
        var bytes = 0L;
        await foreach (var batch in consumer.ReadBatchesAsync())
        {
            var count = 0;
            foreach (var record in batch)
            {
                bytes += record.Value.Length;
                count++;
            }
            meter.Add(count);
            if (meter.IsDone)
                break;
        }
        meter.CheckBytes(bytes, settings.ValueBytes);
    }

    static async Task ReadAllAsync<TValue>(KafkaClient client, LoadSettings settings, Meter meter, Func<TValue, int> lengthOf)
    {
        await using var consumer = client.CreateConsumer<Nothing, TValue>(ConsumerOptionsFor(settings));
        await consumer.AssignAsync(Partitions(settings));
        var (bytes, count) = (0L, 0);
        await foreach (var record in consumer.ReadAllAsync())
        {
            bytes += lengthOf(record.Value);
            if (++count < CountEvery)
                continue;
            meter.Add(count);
            count = 0;
            if (meter.IsDone)
                break;
        }
        meter.CheckBytes(bytes, settings.ValueBytes);
    }

    static async Task ProcessAsync(KafkaClient client, LoadSettings settings, Meter meter)
    {
        await using var consumer = client.CreateConsumer<Nothing, ReadOnlyMemory<byte>>(ConsumerOptionsFor(settings));
        await consumer.AssignAsync(Partitions(settings));
        using var stop = new CancellationTokenSource();
        var (bytes, count) = (0L, 0L);
        try
        {
            await consumer.ProcessAsync(
                (record, _) =>
                {
                    Interlocked.Add(ref bytes, record.Value.Length);
                    if (Interlocked.Increment(ref count) % CountEvery == 0)
                    {
                        meter.Add(CountEvery);
                        if (meter.IsDone)
                            stop.Cancel();
                    }
                    return ValueTask.CompletedTask;
                },
                new ProcessingOptions { MaxConcurrency = Environment.ProcessorCount }, stop.Token);
        }
        catch (OperationCanceledException)
        {
            meter.CheckBytes(bytes, settings.ValueBytes);
        }
    }

    static async Task ShareAsync(KafkaClient client, LoadSettings settings, Meter meter)
    {
        await using var consumer = client.CreateShareConsumer<Nothing, ReadOnlyMemory<byte>>(settings.Group, settings.Topic);
        var bytes = 0L;
        await foreach (var records in consumer.ReadBatchesAsync())
        {
            foreach (var record in records)
                bytes += record.Value.Length;
            meter.Add(records.Count);
            if (meter.IsDone)
                break;
        }
        meter.CheckBytes(bytes, settings.ValueBytes);
    }

    static ConsumerOptions ConsumerOptionsFor(LoadSettings settings) => new()
    {
        AutoOffsetReset = settings.Kind == LoadKind.EndToEnd ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest,
        FetchMinBytes = 1,
        FetchMaxWait = TimeSpan.FromMilliseconds(500),
        FetchMaxBytes = 50 * 1024 * 1024,
        MaxPartitionFetchBytes = 1024 * 1024,
    };

    static IEnumerable<TopicPartition> Partitions(LoadSettings settings) =>
        Enumerable.Range(0, settings.Partitions).Select(index => new TopicPartition(settings.Topic, index));

    static Producer<Nothing, ReadOnlyMemory<byte>> CreateProducer(KafkaClient client, LoadSettings settings, string? transactionalId = null) =>
        client.CreateProducer<Nothing, ReadOnlyMemory<byte>>(new ProducerOptions
        {
            TransactionalId = transactionalId,
            Linger = settings.Linger,
            BatchSize = settings.BatchBytes,
            BufferMemory = settings.BufferBytes,
            BufferTime = settings.BufferTime ?? new ProducerOptions().BufferTime,
            MaxRequestSize = Math.Max(1024 * 1024, settings.ValueBytes + 4096),
            Compression = settings.Codec,
        });

    sealed class Sender(KafkaClient client, Producer<Nothing, ReadOnlyMemory<byte>> producer, string topic) : IPeerSender
    {
        public async ValueTask SendAsync(byte[] value) => await producer.ProduceAsync(topic, default, value);

        public ValueTask PostAsync(byte[] value, Ticket ticket) => producer.PostAsync(
            new ProducerRecord<Nothing, ReadOnlyMemory<byte>>(topic, default, value),
            static report =>
            {
                var ticket = (Ticket)report.State!;
                if (report.Error is null)
                    ticket.Done();
                else
                    ticket.Failed(report.Error);
            },
            ticket);

        public async ValueTask DisposeAsync()
        {
            await producer.DisposeAsync();
            await client.DisposeAsync();
        }
    }
}
