using Confluent.Kafka;
using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;
using NetKafka.Protocol.Compression;

namespace NetKafka.Load.Peers;

/// <summary>Confluent.Kafka, the binding to librdkafka.</summary>
sealed class ConfluentPeer : IPeer
{
    const int CountEvery = 1024;

    public string Name => "confluent";

    public string Version => Library.VersionString;

    public Task FireAsync(LoadSettings settings, Meter meter) => Task.Run(() =>
    {
        using var producer = CreateProducer(settings);
        var payloads = Payloads.For(settings.ValueBytes, settings.Codec);
        Action<DeliveryReport<Null, byte[]>> handler = report =>
        {
            if (report.Error.IsError)
                meter.Fail(new Confluent.Kafka.KafkaException(report.Error));
            else
                meter.Add(1);
        };
        var accepted = 0L;
        for (; !meter.IsDone; accepted++)
            Post(producer, settings.Topic, payloads[accepted % payloads.Length], handler);
        producer.Flush();
        meter.Accept(accepted);
    });


    public async Task AwaitAsync(LoadSettings settings, Meter meter)
    {
        using var producer = CreateProducer(settings);
        var value = Payloads.For(settings.ValueBytes, settings.Codec)[0];
        await Task.WhenAll(Enumerable.Range(0, settings.Senders).Select(_ => Task.Run(async () =>
        {
            var accepted = 0L;
            for (; !meter.IsDone; accepted++)
            {
                await producer.ProduceAsync(settings.Topic, new Message<Null, byte[]> { Value = value });
                meter.Add(1);
            }
            meter.Accept(accepted);
        })));
    }

    public Task TransactAsync(LoadSettings settings, Meter meter) => Task.Run(() =>
    {
        using var producer = CreateProducer(settings, $"load-{Environment.ProcessId}");
        var message = new Message<Null, byte[]> { Value = Payloads.For(settings.ValueBytes, settings.Codec)[0] };
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        var accepted = 0L;
        while (!meter.IsDone)
        {
            producer.BeginTransaction();
            for (var i = 0; i < IPeer.TransactionRecords; i++)
                producer.Produce(settings.Topic, message);
            producer.CommitTransaction();
            accepted += IPeer.TransactionRecords;
            meter.Add(IPeer.TransactionRecords);
        }
        meter.Accept(accepted);
    });

    public Task ConsumeAsync(LoadSettings settings, Meter meter) => settings.Style switch
    {
        ReadStyle.Parallel => throw new NotSupportedException("Confluent.Kafka has no runner that works on many records at a time."),
        ReadStyle.Share => throw new NotSupportedException("Confluent.Kafka is not asked for share groups here."),
        ReadStyle.Text => ConsumeAsync(settings, meter, Deserializers.Utf8, static value => value.Length),
        _ => ConsumeAsync(settings, meter, Deserializers.ByteArray, static value => value.Length),
    };

    public Task<IPeerSender> OpenSenderAsync(LoadSettings settings) =>
        Task.FromResult<IPeerSender>(new Sender(CreateProducer(settings), settings.Topic));

    public Task ListenAsync(
        LoadSettings settings, Action<ReadOnlySpan<byte>> onValue, TaskCompletionSource ready, CancellationToken stop) => Task.Run(() =>
    {
        using var consumer = CreateConsumer(settings, Deserializers.ByteArray, Offset.End);
        ready.TrySetResult();
        try
        {
            while (true)
                onValue(consumer.Consume(stop).Message.Value);
        }
        catch (OperationCanceledException)
        {
            consumer.Close();
        }
    }, CancellationToken.None);

    static Task ConsumeAsync<TValue>(LoadSettings settings, Meter meter, IDeserializer<TValue> values, Func<TValue, int> lengthOf) => Task.Run(() =>
    {
        using var consumer = CreateConsumer(settings, values, Offset.Beginning);
        var (bytes, count) = (0L, 0);
        while (!meter.IsDone)
        {
            bytes += lengthOf(consumer.Consume(CancellationToken.None).Message.Value);
            if (++count < CountEvery)
                continue;
            meter.Add(count);
            count = 0;
        }
        meter.CheckBytes(bytes, settings.ValueBytes);
        consumer.Close();
    });

    static IConsumer<Ignore, TValue> CreateConsumer<TValue>(LoadSettings settings, IDeserializer<TValue> values, Offset start)
    {
        var isMember = settings.Style is ReadStyle.Group or ReadStyle.ConsumerGroup;
        var config = new ConsumerConfig
        {
            BootstrapServers = settings.Bootstrap,
            GroupId = settings.Group,
            EnableAutoCommit = isMember,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            GroupProtocol = settings.Style == ReadStyle.ConsumerGroup ? GroupProtocol.Consumer : GroupProtocol.Classic,
            EnablePartitionEof = false,
            FetchMinBytes = 1,
            FetchWaitMaxMs = 500,
            FetchMaxBytes = 50 * 1024 * 1024,
            MaxPartitionFetchBytes = 1024 * 1024,
            CheckCrcs = true,
            QueuedMinMessages = 100_000,
            QueuedMaxMessagesKbytes = 64 * 1024,
            // Topic, timestamp and headers, made for each message; the quickest way leaves them out.
            ConsumeResultFields = isMember || settings.Style == ReadStyle.Fastest ? "none" : "all",
        };
        config.Set("fetch.queue.backoff.ms", "1");
        var consumer = new ConsumerBuilder<Ignore, TValue>(config).SetValueDeserializer(values).Build();
        if (isMember)
        {
            consumer.Subscribe(settings.Topic);
            return consumer;
        }
        consumer.Assign(Enumerable.Range(0, settings.Partitions).Select(
            index => new TopicPartitionOffset(settings.Topic, index, start)));
        return consumer;
    }

    static IProducer<Null, byte[]> CreateProducer(LoadSettings settings, string? transactionalId = null) => new ProducerBuilder<Null, byte[]>(new ProducerConfig
    {
        TransactionalId = transactionalId,
        BootstrapServers = settings.Bootstrap,
        Acks = Acks.All,
        EnableIdempotence = true,
        MaxInFlight = 5,
        LingerMs = settings.Linger.TotalMilliseconds,
        StickyPartitioningLingerMs = 10,
        BatchSize = settings.BatchBytes,
        BatchNumMessages = 1_000_000,
        MessageMaxBytes = Math.Max(1_000_000, settings.ValueBytes + 4096),
        QueueBufferingMaxKbytes = (int)(settings.BufferBytes / 1024),
        QueueBufferingMaxMessages = 0,
        CompressionType = settings.Codec switch
        {
            CompressionCodec.Gzip => CompressionType.Gzip,
            CompressionCodec.Snappy => CompressionType.Snappy,
            CompressionCodec.Lz4 => CompressionType.Lz4,
            CompressionCodec.Zstd => CompressionType.Zstd,
            _ => CompressionType.None,
        },
    }).Build();

    /// <summary>Waits where the queue is full, as the client's own benchmark does.</summary>
    static void Post(IProducer<Null, byte[]> producer, string topic, byte[] value, Action<DeliveryReport<Null, byte[]>> handler)
    {
        while (true)
        {
            try
            {
                producer.Produce(topic, new Message<Null, byte[]> { Value = value }, handler);
                return;
            }
            catch (ProduceException<Null, byte[]> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromSeconds(1));
            }
        }
    }

    sealed class Sender(IProducer<Null, byte[]> producer, string topic) : IPeerSender
    {
        public async ValueTask SendAsync(byte[] value) =>
            await producer.ProduceAsync(topic, new Message<Null, byte[]> { Value = value });

        public ValueTask PostAsync(byte[] value, Ticket ticket)
        {
            Post(producer, topic, value, report =>
            {
                if (report.Error.IsError)
                    ticket.Failed(new Confluent.Kafka.KafkaException(report.Error));
                else
                    ticket.Done();
            });
            return default;
        }

        public ValueTask DisposeAsync()
        {
            producer.Flush();
            producer.Dispose();
            return default;
        }
    }
}
