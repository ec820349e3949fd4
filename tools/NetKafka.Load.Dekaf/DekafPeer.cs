using System.Reflection;
using Dekaf.Compression.Lz4;
using Dekaf.Compression.Zstd;
using Dekaf.Consumer;
using Dekaf.Producer;
using Dekaf.Serialization;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;
using NetKafka.Load.Rows;
using NetKafka.Protocol.Compression;
using Kafka = Dekaf.Kafka;

namespace NetKafka.Load.Dekaf;

/// <summary>Dekaf, a client in C# alone.</summary>
sealed class DekafPeer : IPeer
{
    const int CountEvery = 1024;

    public string Name => "dekaf";

    public string Version =>
        typeof(Kafka).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public async Task FireAsync(LoadSettings settings, Meter meter)
    {
        await using var producer = await CreateProducerAsync(settings);
        var payloads = Payloads.For(settings.ValueBytes, settings.Codec);
        var topic = settings.Topic;
        Action<RecordMetadata, Exception?> handler = (_, error) =>
        {
            if (error is null)
                meter.Add(1);
            else
                meter.Fail(error);
        };
        var accepted = 0L;
        for (; !meter.IsDone; accepted++)
        {
            var fired = producer.FireAsync(
                new ProducerMessage<string, byte[]> { Topic = topic, Value = payloads[accepted % payloads.Length] }, handler);
            if (!fired.IsCompletedSuccessfully)
                await fired;
        }
        await producer.FlushAsync();
        meter.Accept(accepted);
    }

    public async Task AwaitAsync(LoadSettings settings, Meter meter)
    {
        await using var producer = await CreateProducerAsync(settings);
        var value = Payloads.For(settings.ValueBytes, settings.Codec)[0];
        var topic = settings.Topic;
        await Task.WhenAll(Enumerable.Range(0, settings.Senders).Select(_ => Task.Run(async () =>
        {
            var accepted = 0L;
            for (; !meter.IsDone; accepted++)
            {
                await producer.ProduceAsync(topic, null, value);
                meter.Add(1);
            }
            meter.Accept(accepted);
        })));
    }

    public Task ConsumeAsync(LoadSettings settings, Meter meter) => settings.Style switch
    {
        ReadStyle.Fastest => ReadBatchesAsync(settings, meter),
        ReadStyle.Single => ReadAllAsync(settings, meter, Serializers.RawBytes, static value => value.Length),
        ReadStyle.Bytes => ReadAllAsync(settings, meter, Serializers.ByteArray, static value => value.Length),
        ReadStyle.Parallel => throw new NotSupportedException("Dekaf's runner is not part of this comparison."),
        ReadStyle.Share => throw new NotSupportedException("Dekaf is not asked for share groups here."),
        _ => ReadAllAsync(settings, meter, Serializers.String, static value => value.Length),
    };

    public async Task<IPeerSender> OpenSenderAsync(LoadSettings settings) =>
        new Sender(await CreateProducerAsync(settings), settings.Topic);

    public async Task ListenAsync(
        LoadSettings settings, Action<ReadOnlySpan<byte>> onValue, TaskCompletionSource ready, CancellationToken stop)
    {
        await using var consumer = await CreateConsumerAsync(settings, Serializers.RawBytes);
        ready.TrySetResult();
        try
        {
            await foreach (var batch in consumer.ConsumeRawBatchAsync(stop))
                foreach (var record in batch)
                    onValue(record.Value.Span);
        }
        catch (OperationCanceledException)
        {
            // All that was to be heard was heard.
        }
    }

    static async Task ReadBatchesAsync(LoadSettings settings, Meter meter)
    {
        await using var consumer = await CreateConsumerAsync(settings, Serializers.RawBytes);
        var bytes = 0L;
        await foreach (var batch in consumer.ConsumeRawBatchAsync())
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

    static async Task ReadAllAsync<TValue>(LoadSettings settings, Meter meter, ISerde<TValue> values, Func<TValue, int> lengthOf)
    {
        await using var consumer = await CreateConsumerAsync(settings, values);
        var (bytes, count) = (0L, 0);
        await foreach (var record in consumer.ConsumeAsync())
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

    static async Task<IKafkaConsumer<Ignore, TValue>> CreateConsumerAsync<TValue>(LoadSettings settings, ISerde<TValue> values)
    {
        var consumer = await Kafka.CreateConsumer<Ignore, TValue>()
            .WithBootstrapServers(settings.Bootstrap)
            .WithKeyDeserializer(Serializers.Ignore)
            .WithValueDeserializer(values)
            .WithOffsetCommitMode(OffsetCommitMode.Manual)
            .WithAutoOffsetReset(settings.Kind == LoadKind.EndToEnd ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest)
            .WithCheckCrcs(true)
            .WithFetchMinBytes(1)
            .WithFetchMaxWait(TimeSpan.FromMilliseconds(500))
            .WithFetchMaxBytes(50 * 1024 * 1024)
            .WithMaxPartitionFetchBytes(1024 * 1024)
            .BuildAsync();
        consumer.Partitions.Assign(
            [.. Enumerable.Range(0, settings.Partitions).Select(index => new global::Dekaf.TopicPartition(settings.Topic, index))]);
        return consumer;
    }

    static async Task<IKafkaProducer<string, byte[]>> CreateProducerAsync(LoadSettings settings)
    {
        var builder = Kafka.CreateProducer<string, byte[]>()
            .WithBootstrapServers(settings.Bootstrap)
            .WithAcks(Acks.All)
            .WithIdempotence(true)
            .WithLinger(settings.Linger)
            .WithBatchSize(settings.BatchBytes)
            .WithBufferMemory((ulong)settings.BufferBytes)
            .WithValueSerializer(Serializers.ByteArray);
        builder = settings.Codec switch
        {
            CompressionCodec.None => builder,
            CompressionCodec.Lz4 => builder.UseLz4Compression(),
            CompressionCodec.Zstd => builder.UseZstdCompression(),
            CompressionCodec.Gzip => builder.UseGzipCompression(),
            _ => throw new NotSupportedException($"Dekaf is not measured with {settings.Codec}."),
        };
        return await builder.BuildAsync();
    }

    sealed class Sender(IKafkaProducer<string, byte[]> producer, string topic) : IPeerSender
    {
        public async ValueTask SendAsync(byte[] value) => await producer.ProduceAsync(topic, null, value);

        public ValueTask PostAsync(byte[] value, Ticket ticket) => producer.FireAsync(
            new ProducerMessage<string, byte[]> { Topic = topic, Value = value },
            (_, error) =>
            {
                if (error is null)
                    ticket.Done();
                else
                    ticket.Failed(error);
            });

        public ValueTask DisposeAsync() => producer.DisposeAsync();
    }
}
