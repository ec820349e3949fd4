using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// One process that copies a topic to another, exactly once, as a member of a group: by the one call for it. Its work fails now and
/// then. It ends when it is told to, when it dies, or when it is shut out.
/// </summary>
/// <param name="world">The run.</param>
/// <param name="settings">What all copiers of it have in common.</param>
/// <param name="transactionalId">Its name as a producer and as a member.</param>
/// <param name="number">Its number among all processes of that name.</param>
sealed class CopierProcess(SimWorld world, CopierSettings settings, string transactionalId, int number)
    : MortalProcess(world, $"{transactionalId}.{number}")
{
    public const string GroupId = "copiers";

    /// <returns>Whether it ended because it was told to; else it was shut out, or met what it cannot pass.</returns>
    public async Task<bool> RunAsync()
    {
        var client = World.CreateClient(Name, GroupMemberSettings.LearnSoon);
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(DrawProducer());
        var consumer = client.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(settings.Draw(Random, transactionalId));
        var isAsked = false;
        try
        {
            await producer.ProcessAsync(
                consumer, (batch, cancellation) => CopyAsync(producer, batch, cancellation), Random.Next(3) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Random.Next(200)), Leaving);
        }
        catch (OperationCanceledException)
        {
            isAsked = true;
        }
        catch (KafkaException over)
        {
            World.Tell($"{Name} is over: {over.Message}");
        }
        await Buried;
        await consumer.DisposeAsync();
        await producer.DisposeAsync();
        await client.DisposeAsync();
        return isAsked;
    }

    async ValueTask CopyAsync(
        Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>> producer, ConsumerBatch<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>> batch, CancellationToken cancellation)
    {
        foreach (var record in batch)
        {
            World.Tell($"{Name} copies {record.Topic}-{record.Partition}@{record.Offset}");
            await producer.PostAsync(
                new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(settings.To, record.Key, record.Value) { Timestamp = record.Timestamp },
                cancellation: cancellation);
            if (Random.Next(100) < settings.PercentOfPauses)
                await World.Pause(TimeSpan.FromMilliseconds(Random.Next(Random.Next(20) == 0 ? 1_500 : 30)));
        }
        if (!World.Healed.IsCompleted && Random.Next(20) == 0)
            await SleepAsync();
        // In the end all of it has to be done.
        if (!World.Healed.IsCompleted && Random.Next(100) < settings.PercentOfFailures)
            throw new KafkaException("This work fails now and then.") { IsRetriable = true };
    }

    /// <summary>Does nothing for so long, and with such a network, that the group takes it for dead and goes on without it.</summary>
    async Task SleepAsync()
    {
        World.Tell($"{Name} sleeps");
        World.Freeze(Name, isFrozen: true);
        await World.Pause(settings.SessionTimeout + TimeSpan.FromMilliseconds(500 + Random.Next(1_500)));
        World.Freeze(Name, isFrozen: false);
    }

    ProducerOptions DrawProducer()
    {
        var linger = Random.Next(3) switch { 0 => 0, 1 => 5, _ => 50 };
        return new ProducerOptions
        {
            TransactionalId = transactionalId,
            // In the end a batch has to fit into it.
            TransactionTimeout = TimeSpan.FromMilliseconds(Random.Next(3) == 0 && !World.Healed.IsCompleted ? 500 + Random.Next(700) : 10_000),
            BatchSize = Random.Next(2) == 0 ? 300 : 16 * 1024,
            Linger = TimeSpan.FromMilliseconds(linger),
            MaxInFlight = 1 + Random.Next(5),
            MaxBlock = TimeSpan.FromMilliseconds(Random.Next(3) == 0 ? 500 + Random.Next(2_000) : 20_000),
            DeliveryTimeout = TimeSpan.FromMilliseconds(linger + 10_000 + Random.Next(10_000)),
            CloseTimeout = TimeSpan.FromMilliseconds(Random.Next(4) == 0 ? Random.Next(500) : 10_000),
        };
    }
}
