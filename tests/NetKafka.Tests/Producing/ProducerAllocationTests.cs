using NetKafka.Producing;
using NetKafka.Serialization;

namespace NetKafka.Tests.Producing;

/// <summary>What a record costs in garbage, over the whole process: so these run when no other test does.</summary>
[CollectionDefinition(nameof(ProducerAllocationTests), DisableParallelization = true)]
public sealed class ProducerAllocations;

/// <summary>The producer against a peer that acknowledges at once and allocates nothing.</summary>
[Collection(nameof(ProducerAllocationTests))]
public sealed class ProducerAllocationTests
{
    const int Count = 1_000_000;

    static readonly byte[] Value = new byte[100];

    [Fact]
    public async Task Posting_allocates_at_most_a_byte_a_record()
    {
        await using var kafka = Connect();
        // A small buffer, so that all of it has been in use once the measured part begins.
        await using var producer = kafka.CreateProducer<Nothing, ReadOnlyMemory<byte>>(new ProducerOptions { BufferMemory = 512 * 1024 });
        var delivered = 0;
        DeliveryCallback callback = _ => Interlocked.Increment(ref delivered);
        await Measure(async count =>
        {
            for (var i = 0; i < count; i++)
            {
                var posted = producer.PostAsync(new ProducerRecord<Nothing, ReadOnlyMemory<byte>>("t", default, Value), callback);
                if (!posted.IsCompletedSuccessfully)
                    await posted;
            }
            await producer.FlushAsync();
        });
        Assert.Equal(2 * Count, delivered);
    }

    [Fact]
    public async Task Senders_that_await_allocate_at_most_a_byte_a_record()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<Nothing, ReadOnlyMemory<byte>>(new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) });
        await Measure(count => Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            for (var i = 0; i < count / 1000; i++)
                await producer.ProduceAsync("t", default, Value);
        })));
    }

    static KafkaClient Connect() =>
        new(new KafkaClientOptions { BootstrapServers = "localhost", ConnectCallback = new InstantBroker().ConnectAsync });

    static async Task Measure(Func<int, Task> produce)
    {
        await produce(Count);
        var before = GC.GetTotalAllocatedBytes(true);
        await produce(Count);
        var allocated = GC.GetTotalAllocatedBytes(true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{(double)allocated / Count} bytes a record");
        Assert.InRange(allocated, 0, Count);
    }
}
