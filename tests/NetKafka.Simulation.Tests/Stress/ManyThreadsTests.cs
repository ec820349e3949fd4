using System.Buffers.Binary;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Testing;

namespace NetKafka.Simulation.Tests.Stress;

/// <summary>
/// What one thread cannot show: races for memory. Many threads share a producer through its public calls, over in-memory
/// streams and the checked build, in which a returned buffer is poisoned; readers look at every byte meanwhile, and leaders move.
/// </summary>
public sealed class ManyThreadsTests
{
    const string Topic = "orders";
    const int Partitions = 4;
    const int Threads = 8;
    const int RecordsOfThread = 4_000;
    const int HeadBytes = 8;
    const int LargestSmall = 300;
    const int Large = 40_000;
    const int AcksBetweenMoves = 1_500;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    int _acks;
    int _failures;
    int _moves;

    [Fact]
    public async Task Threads_that_share_a_producer_lose_double_and_mix_up_nothing()
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3 });
        embedded.CreateTopic(Topic, Partitions);
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = embedded.BootstrapServers, ConnectCallback = embedded.ConnectAsync,
        });
        var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ProducerOptions
        {
            BatchSize = 4 * 1024, BufferMemory = 1024 * 1024, Linger = TimeSpan.FromMilliseconds(1),
        });
        Task[] readers = [ReadRecordsAsync(kafka, patience.Token), ReadBatchesAsync(kafka, patience.Token)];
        var senders = Enumerable.Range(0, Threads).Select(thread => Task.Run(() => SendAsync(embedded, producer, thread, patience.Token))).ToArray();

        await Task.WhenAll(senders);
        await producer.DisposeAsync();
        await Task.WhenAll(readers);

        Assert.Equal((Threads * RecordsOfThread, 0), (_acks, _failures));
        Assert.Equal(_acks / AcksBetweenMoves, _moves);
    }

    async Task SendAsync(EmbeddedKafka embedded, Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, int thread, CancellationToken stop)
    {
        var random = new Random(thread);
        var buffer = new byte[Large];
        for (var i = 0; i < RecordsOfThread; i++)
        {
            var value = buffer.AsMemory(0, random.Next(200) == 0 ? Large : HeadBytes + random.Next(LargestSmall));
            Fill(value.Span, thread, i);
            var record = new ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(Topic, default, value) { Partition = thread % Partitions };
            if (random.Next(8) == 0)
                Count(embedded, await Awaited(producer, record, stop));
            else if (random.Next(2) == 0 || !producer.TryPost(record, report => Count(embedded, report.IsDelivered)))
                await producer.PostAsync(record, report => Count(embedded, report.IsDelivered), cancellation: stop);
            // The bytes are the caller's again.
            value.Span.Fill(0xEE);
        }
    }

    static async Task<bool> Awaited(
        Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> record,
        CancellationToken stop) => (await producer.ProduceAsync(record, stop)).Offset >= 0;

    void Count(EmbeddedKafka embedded, bool isDelivered)
    {
        if (!isDelivered)
        {
            Interlocked.Increment(ref _failures);
            return;
        }
        var acks = Interlocked.Increment(ref _acks);
        if (acks % AcksBetweenMoves != 0)
            return;
        var moves = acks / AcksBetweenMoves;
        embedded.MoveLeader(Topic, moves % Partitions, embedded.Brokers[moves % embedded.Brokers.Count]);
        Interlocked.Increment(ref _moves);
    }

    static async Task ReadRecordsAsync(KafkaClient kafka, CancellationToken stop)
    {
        await using var consumer = await AssignAsync(kafka, stop);
        var next = new int[Threads];
        await foreach (var record in consumer.ReadAllAsync(stop))
        {
            Take(record.Value.Span, record.Partition, next);
            if (IsComplete(next))
                return;
        }
    }

    static async Task ReadBatchesAsync(KafkaClient kafka, CancellationToken stop)
    {
        await using var consumer = await AssignAsync(kafka, stop);
        var next = new int[Threads];
        await foreach (var batch in consumer.ReadBatchesAsync(stop))
        {
            foreach (var record in batch)
                Take(record.Value.Span, record.Partition, next);
            if (IsComplete(next))
                return;
        }
    }

    static async Task<Consumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> AssignAsync(KafkaClient kafka, CancellationToken stop)
    {
        var consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ConsumerOptions());
        await consumer.AssignAsync(Enumerable.Range(0, Partitions).Select(i => new TopicPartitionOffset(Topic, i, 0)), stop);
        return consumer;
    }

    static bool IsComplete(int[] next) => Array.TrueForAll(next, static count => count == RecordsOfThread);

    static void Fill(Span<byte> value, int thread, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(value, thread);
        BinaryPrimitives.WriteInt32BigEndian(value[4..], number);
        for (var i = HeadBytes; i < value.Length; i++)
            value[i] = (byte)(31 * thread + number + i);
    }

    /// <summary>The next record of its thread, with all of its bytes.</summary>
    static void Take(ReadOnlySpan<byte> value, int partition, int[] next)
    {
        var (thread, number) = (BinaryPrimitives.ReadInt32BigEndian(value), BinaryPrimitives.ReadInt32BigEndian(value[4..]));
        Assert.Equal((partition, next[thread]), (thread % Partitions, number));
        for (var i = HeadBytes; i < value.Length; i++)
        {
            if (value[i] != (byte)(31 * thread + number + i))
                Assert.Fail($"Byte {i} of record {number} of thread {thread} is {value[i]:x2}.");
        }
        next[thread]++;
    }
}
