using System.Buffers.Binary;
using NetKafka.Consuming;
using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <content>As it works on many records at a time: its handlers take their time, throw, pause partitions, and obey their tokens or not.</content>
sealed partial class GroupMember
{
    // A member with a handler that is stuck has left after so many times MaxPollInterval without faults: with a rebalance that waits for it,
    // and the time until somebody looks.
    const int IntervalsOfAStuckHandler = 6;
    const int IntervalsWithoutFaults = 4;

    readonly WorkStyle _workStyle;
    readonly List<Work> _atWork = [];
    readonly HashSet<(int Partition, long Offset, int Turn)> _triedAgain = [];
    readonly Dictionary<(int Partition, long Offset), int> _handledIn = [];
    readonly Dictionary<(int Partition, long Offset), int> _idOf = [];
    bool _wasStuck;
    bool _isLeaving;

    async Task ProcessAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, CancellationToken stop)
    {
        _triedAgain.Clear();
        _workStyle.Options.OnError = (failure, _) =>
        {
            var (partition, offset) = (failure.Partition!.Value.Partition, failure.Offset);
            _world.Tell($"{Name} answers {_workStyle.OnError} to {failure.Message}");
            var action = _workStyle.OnError ?? ProcessingErrorAction.Stop;
            var turn = _handledIn.GetValueOrDefault((partition, offset));
            if (action == ProcessingErrorAction.Retry)
                _triedAgain.Add((partition, offset, turn));
            else if (action == ProcessingErrorAction.Skip)
                FinishAtWork(partition, offset, turn);
            return ValueTask.FromResult(action);
        };
        await consumer.ProcessAsync((record, cancellation) => HandleAsync(consumer, record, cancellation), _workStyle.Options, stop);
    }

    async ValueTask HandleAsync(
        Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record, CancellationToken cancellation)
    {
        var (partition, offset) = (record.Partition, record.Offset);
        var work = Begin(record);
        _handledIn[(partition, offset)] = work.Turn;
        _idOf[(partition, offset)] = SentRecord.IdOf(record.Value.Span);
        try
        {
            await PauseNowAndThenAsync(consumer, record.TopicPartition);
            await SeekNowAndThenAsync(consumer, record.TopicPartition);
            if (_workStyle.Random.Next(100) < _workStyle.PercentOfPauses)
                await TakeTimeAsync(cancellation);
            await BeStuckAsync();
            CheckIsAlive(record);
            Check(record);
            if (IsDead)
                throw new InvalidOperationException("the process is dead");
            if (_workStyle.Random.Next(100) < _workStyle.PercentOfErrors)
                throw new InvalidOperationException("the handler fails");
            FinishAtWork(partition, offset, work.Turn);
            if (_workStyle.Random.Next(100) < _percentOfCommits)
                _commits.Add(CommitAsync(consumer, null));
        }
        finally
        {
            _atWork.Remove(work);
        }
    }

    Work Begin(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        CheckIsAlive(record);
        var work = new Work(record.Partition, record.Offset, KeyOf(record), _turns.GetValueOrDefault(record.Partition), _world.Scheduler.Now);
        if (_atWork.Exists(other => other.Partition == work.Partition && (_workStyle.IsByKey ? work.Key is not null && other.Key == work.Key : true)))
            _world.Violations.Add("P9 order of a key", $"{Name} works on {record} beside another that has to be handled before or after it");
        _atWork.Add(work);
        if (_triedAgain.Remove((record.Partition, record.Offset, work.Turn)))
            return work;
        if (!_workStyle.IsByKey)
        {
            Take(record);
            _inHandSince.Remove(record.Partition);
            return work;
        }
        var id = SentRecord.IdOf(record.Value.Span);
        _world.Tell($"{Name} works on {record}, record {id}");
        _world.Group.Deliver(
            new KeyedDelivery(new Delivery(Name, work.Turn, record.Topic, record.Partition, record.Offset, id), work.Key), IsGone(record.Partition, record.Offset, id));
        Check(record);
        return work;
    }

    /// <summary>What a handler is given is there until it has ended.</summary>
    void CheckIsAlive(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        try
        {
            _ = record.Value.Span.Length;
        }
        catch (InvalidOperationException gone)
        {
            _world.Violations.Add("P22 buffers stay lent", $"{Name} works on {record}: {gone.Message}");
            throw;
        }
    }

    void FinishAtWork(int partition, long offset, int turn)
    {
        if (IsGone(partition, offset, _idOf.GetValueOrDefault((partition, offset), -1)))
            return;
        if (_workStyle.IsByKey)
            _world.Group.FinishInAnyOrder(Name, _topic, partition, offset, turn == _turns.GetValueOrDefault(partition));
        else
            _world.Group.Finish(Name, _topic, partition, offset);
    }

    Task TakeTimeAsync(CancellationToken cancellation) => _world.Pause(
        TimeSpan.FromMilliseconds(_workStyle.Random.Next(_workStyle.Random.Next(15) == 0 ? 1_500 : 60)),
        _workStyle.ObeysItsToken ? cancellation : CancellationToken.None);

    /// <summary>A handler takes so long that its member has to have left the group by then.</summary>
    async ValueTask BeStuckAsync()
    {
        if (!_workStyle.MayBeStuck || _wasStuck || _isStatic || _maxPollInterval > TimeSpan.FromSeconds(10) || IsDead || _workStyle.Random.Next(8) != 0)
            return;
        _wasStuck = HasLost = true;
        await _world.Pause(_maxPollInterval * IntervalsOfAStuckHandler);
        var hasPeace = _world.Scheduler.Now - _maxPollInterval.Ticks * IntervalsWithoutFaults >= _world.HealedTicks;
        if (hasPeace && !_isLeaving && !IsDead && _world.IsMember(GroupMemberSettings.GroupId, Name))
            _world.Violations.Add("P13 assignment", $"{Name} is a member still, though a handler runs since {IntervalsOfAStuckHandler} times MaxPollInterval");
    }

    /// <summary>A partition is paused for a moment: what waits is not handed out meanwhile, and comes after it.</summary>
    async ValueTask PauseNowAndThenAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, TopicPartition partition)
    {
        if (_workStyle.Random.Next(40) != 0)
            return;
        try
        {
            await consumer.PauseAsync([partition]);
            _commits.Add(ResumeSoonAsync(consumer, partition));
        }
        catch (ObjectDisposedException)
        {
            // It closes meanwhile.
        }
    }

    /// <summary>
    /// A partition is read again from where its position is: what is in hand comes again, and its handlers count for nothing, this one too.
    /// </summary>
    async ValueTask SeekNowAndThenAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, TopicPartition partition)
    {
        if (!_workStyle.IsByKey || _workStyle.Random.Next(60) != 0 || _world.MayRecreate || consumer.Position(partition) is not { } position)
            return;
        _world.Tell($"{Name} seeks to {partition}@{position}");
        ReadAgain(partition.Partition);
        try
        {
            await consumer.SeekAsync(new TopicPartitionOffset(partition, position));
        }
        catch (Exception refused) when (refused is KafkaException or ObjectDisposedException)
        {
            // It is about to be given up, or is not its own any more.
        }
    }

    async Task ResumeSoonAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, TopicPartition partition)
    {
        await _world.Pause(TimeSpan.FromMilliseconds(_workStyle.Random.Next(200)));
        try
        {
            await consumer.ResumeAsync([partition]);
        }
        catch (ObjectDisposedException)
        {
            // It closes meanwhile.
        }
    }

    static int? KeyOf(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record) =>
        record.Key is null ? null : BinaryPrimitives.ReadInt32BigEndian(record.Key);

    /// <summary>A record whose handler runs.</summary>
    sealed record Work(int Partition, long Offset, int? Key, int Turn, long Since);
}
