using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// A process that reads all partitions of a topic by itself, record by record or batch by batch, and seeks back now and then.
/// </summary>
sealed class LedgerReader
{
    readonly SimWorld _world;
    readonly RandomSource _random;
    readonly string _topic;
    readonly int _partitions;
    readonly CancellationTokenSource _stop = new();
    readonly Dictionary<int, long> _readUpTo = [];
    int _seeks;

    public LedgerReader(SimWorld world, string topic, int partitions, string name, bool isCommitted)
    {
        (_world, _topic, _partitions, IsCommitted) = (world, topic, partitions, isCommitted);
        History = new ReaderHistory(name);
        _random = world.Chance(name);
        _seeks = _random.Next(3) == 0 ? _random.Next(8) : 0;
    }

    public ReaderHistory History { get; }

    public bool IsCommitted { get; }

    /// <summary>From now on it reads on and does not seek.</summary>
    public void SettleDown() => _seeks = 0;

    public void Stop() => _stop.Cancel();

    public async Task RunAsync()
    {
        var client = _world.CreateClient(History.Name, options => _world.DrawRack(options, History.Name));
        var consumer = client.CreateConsumer<byte[]?, ReadOnlyMemory<byte>>(DrawOptions());
        for (var partition = 0; partition < _partitions; partition++)
            History.Begin(partition, 0, _world.Scheduler.Now);
        await consumer.AssignAsync(Enumerable.Range(0, _partitions).Select(partition => new TopicPartitionOffset(_topic, partition, 0)));
        var byBatch = _random.Next(3) == 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (byBatch)
                    await ReadBatchesAsync(consumer);
                else
                    await ReadRecordsAsync(consumer);
            }
            catch (OperationCanceledException)
            {
            }
            catch (KafkaException error) when (!error.IsFatal)
            {
                _world.Tell($"{History.Name} begins a new loop after {error.Message}");
                await _world.Pause(TimeSpan.FromMilliseconds(50));
            }
        }
        await consumer.DisposeAsync();
        await client.DisposeAsync();
    }

    async Task ReadRecordsAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        await using var records = consumer.ReadAllAsync(_stop.Token).GetAsyncEnumerator(CancellationToken.None);
        while (await records.MoveNextAsync())
        {
            Take(records.Current);
            if (_random.Next(50) == 0)
                await _world.Pause(TimeSpan.FromMilliseconds(_random.Next(100)));
            await SeekAsync(consumer);
        }
    }

    async Task ReadBatchesAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        await using var batches = consumer.ReadBatchesAsync(_stop.Token).GetAsyncEnumerator(CancellationToken.None);
        while (await batches.MoveNextAsync())
        {
            foreach (var record in batches.Current)
                Take(record);
            await SeekAsync(consumer);
        }
    }

    /// <summary>The record is what was written, and it is the next one.</summary>
    void Take(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        var id = SentRecord.IdOf(record.Value.Span);
        _world.Scheduler.Story?.Add(_world.Scheduler.Now, $"{History.Name} reads {record.Topic}-{record.Partition}@{record.Offset}, record {id}");
        History.Deliver(record.Topic, record.Partition, record.Offset, id, _world.Scheduler.Now);
        _readUpTo[record.Partition] = Math.Max(record.Offset, _readUpTo.GetValueOrDefault(record.Partition, -1));
        if (IsCommitted && !_world.Surgery.Losses.Partitions.ContainsKey((record.Topic, record.Partition)) && _world.IsOpen(record.Topic, record.Partition, record.Offset))
            _world.Violations.Add("P14 committed alone", $"{History.Name} was given {record.Topic}-{record.Partition}@{record.Offset} of a transaction that is open");
        if ((uint)id >= (uint)_world.History.Sent.Count || !_world.History.Sent[id].HasValue(record.Value.Span))
            _world.Violations.Add("P2 no phantom", $"{History.Name} was given other bytes at {record.Topic}-{record.Partition}@{record.Offset} than were written");
    }

    async Task SeekAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        if (_seeks == 0 || _random.Next(20) != 0)
            return;
        _seeks--;
        var partition = _random.Next(_partitions);
        // Where a log was cut off, what it was given does not tell up to where it may seek.
        if (_world.Surgery.Losses.Partitions.ContainsKey((_topic, partition)))
            return;
        var offset = _random.Next((int)_readUpTo.GetValueOrDefault(partition, -1) + 2);
        _world.Tell($"{History.Name} seeks to {_topic}-{partition}@{offset}");
        History.Begin(partition, offset, _world.Scheduler.Now);
        // All that was read counts as not read until it comes again.
        _readUpTo[partition] = Math.Min(offset - 1, _readUpTo.GetValueOrDefault(partition, -1));
        await consumer.SeekAsync(new TopicPartitionOffset(_topic, partition, offset));
    }

    ConsumerOptions DrawOptions() => new()
    {
        AutoOffsetReset = AutoOffsetReset.Earliest,
        IsolationLevel = IsCommitted ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted,
        FetchMaxWait = TimeSpan.FromMilliseconds(_random.Next(8) == 0 ? _random.Next(50) : 100 + _random.Next(400)),
        FetchMaxBytes = _random.Next(3) == 0 ? 1_024 : 50 * 1024 * 1024,
        MaxPartitionFetchBytes = _random.Next(3) == 0 ? 1_024 : 1024 * 1024,
        MaxPrefetchBytes = _random.Next(3) == 0 ? 1024 * 1024 : 64 * 1024 * 1024,
    };
}
