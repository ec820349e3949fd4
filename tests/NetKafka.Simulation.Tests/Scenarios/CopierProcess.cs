using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// One process that copies a topic to another, exactly once, as a member of a group: by the one call for it. Its work fails now and
/// then. It ends when it is told to, when it dies, or when it is shut out.
/// </summary>
sealed class CopierProcess
{
    public const string GroupId = "copiers";

    readonly SimWorld _world;
    readonly RandomSource _random;
    readonly CopierSettings _settings;
    readonly string _transactionalId;
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _buried = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CopierProcess(SimWorld world, CopierSettings settings, string transactionalId, int number)
    {
        (_world, _settings, _transactionalId) = (world, settings, transactionalId);
        Name = $"{transactionalId}.{number}";
        _random = world.Chance(Name);
    }

    public string Name { get; }

    public bool IsDead { get; private set; }

    /// <summary>Ends it in order, in the middle of whatever it does.</summary>
    public void Leave() => _stop.Cancel();

    public void Kill()
    {
        IsDead = true;
        _stop.Cancel();
        _world.Tell($"{Name} dies");
        _world.Crash(Name);
    }

    /// <summary>The run is over: what a dead process has left is given back.</summary>
    public void Bury()
    {
        _stop.Cancel();
        _buried.TrySetResult();
    }

    /// <returns>Whether it ended because it was told to; else it was shut out, or met what it cannot pass.</returns>
    public async Task<bool> RunAsync()
    {
        var client = _world.CreateClient(Name, GroupMemberSettings.LearnSoon);
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(DrawProducer());
        var consumer = client.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(_settings.Draw(_random, _transactionalId));
        var isAsked = false;
        try
        {
            await producer.ProcessAsync(
                consumer, (batch, cancellation) => CopyAsync(producer, batch, cancellation), _random.Next(3) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(_random.Next(200)), _stop.Token);
        }
        catch (OperationCanceledException)
        {
            isAsked = true;
        }
        catch (KafkaException over)
        {
            _world.Tell($"{Name} is over: {over.Message}");
        }
        if (IsDead)
            await _buried.Task;
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
            _world.Tell($"{Name} copies {record.Topic}-{record.Partition}@{record.Offset}");
            await producer.PostAsync(
                new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>>(_settings.To, record.Key, record.Value) { Timestamp = record.Timestamp },
                cancellation: cancellation);
            if (_random.Next(100) < _settings.PercentOfPauses)
                await _world.Pause(TimeSpan.FromMilliseconds(_random.Next(_random.Next(20) == 0 ? 1_500 : 30)));
        }
        if (!_world.Healed.IsCompleted && _random.Next(20) == 0)
            await SleepAsync();
        // In the end all of it has to be done.
        if (!_world.Healed.IsCompleted && _random.Next(100) < _settings.PercentOfFailures)
            throw new KafkaException("This work fails now and then.") { IsRetriable = true };
    }

    /// <summary>Does nothing for so long, and with such a network, that the group takes it for dead and goes on without it.</summary>
    async Task SleepAsync()
    {
        _world.Tell($"{Name} sleeps");
        _world.Freeze(Name, isFrozen: true);
        await _world.Pause(_settings.SessionTimeout + TimeSpan.FromMilliseconds(500 + _random.Next(1_500)));
        _world.Freeze(Name, isFrozen: false);
    }

    ProducerOptions DrawProducer()
    {
        var linger = _random.Next(3) switch { 0 => 0, 1 => 5, _ => 50 };
        return new ProducerOptions
        {
            TransactionalId = _transactionalId,
            // In the end a batch has to fit into it.
            TransactionTimeout = TimeSpan.FromMilliseconds(_random.Next(3) == 0 && !_world.Healed.IsCompleted ? 500 + _random.Next(700) : 10_000),
            BatchSize = _random.Next(2) == 0 ? 300 : 16 * 1024,
            Linger = TimeSpan.FromMilliseconds(linger),
            MaxInFlight = 1 + _random.Next(5),
            MaxBlock = TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? 500 + _random.Next(2_000) : 20_000),
            DeliveryTimeout = TimeSpan.FromMilliseconds(linger + 10_000 + _random.Next(10_000)),
            CloseTimeout = TimeSpan.FromMilliseconds(_random.Next(4) == 0 ? _random.Next(500) : 10_000),
        };
    }
}
