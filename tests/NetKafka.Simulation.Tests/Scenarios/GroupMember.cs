using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// One process that reads as a member of a group, record by record, batch by batch or many records at a time, at its own pace. It comes at some
/// moment; it stays to the end, leaves in order, or dies without a word.
/// </summary>
sealed partial class GroupMember
{
    readonly SimWorld _world;
    readonly RandomSource _random;
    readonly GroupMemberSettings _settings;
    readonly string _topic;
    readonly bool _staysToTheEnd;
    readonly TaskCompletionSource _leave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Dictionary<int, int> _turns = [];
    readonly SortedDictionary<int, TopicPartitionOffset> _lastNext = [];
    readonly SortedDictionary<int, TopicPartitionOffset> _givenUp = [];
    readonly Dictionary<int, long> _inHandSince = [];
    readonly HandlerChecker _handlers;
    readonly List<Task> _commits = [];
    readonly int _percentOfPauses;
    readonly int _percentOfCommits;
    TimeSpan _maxPollInterval;
    bool _isStatic;

    public GroupMember(SimWorld world, GroupMemberSettings settings, string topic, string name, bool staysToTheEnd)
    {
        (_world, _settings, _topic, Name, _staysToTheEnd) = (world, settings, topic, name, staysToTheEnd);
        _random = world.Chance(name);
        _handlers = new HandlerChecker(name, world.Violations);
        _workStyle = new WorkStyle(world.Chance(name + " at work"));
        _percentOfPauses = _random.Next(3) * 15;
        _percentOfCommits = settings.CommitsOnlyWhenLeaving ? 0 : settings.CommitsByHand ? 20 : _random.Next(3) * 4;
    }

    public string Name { get; }

    /// <summary>The instance id that it has in any case; null to have chance decide.</summary>
    public string? Instance { get; init; }

    /// <summary>Told when it begins; null to have chance decide.</summary>
    public Task? Start { get; init; }

    /// <summary>Whether another process has its instance id at the same time, so that either may be shut out.</summary>
    public bool HasTwin { get; init; }

    /// <summary>Whether it was shut out, by whoever has its instance id too.</summary>
    public bool IsShutOut { get; private set; }

    /// <summary>Ends when it has died, or has left in order before the end.</summary>
    public Task Gone => _gone.Task;

    public bool IsDead { get; private set; }

    /// <summary>Whether it died or was shut out of the group, and so may not have committed all that it finished.</summary>
    public bool HasLost { get; private set; }

    /// <summary>Asks the member to leave in order.</summary>
    public void Leave() => _leave.TrySetResult();

    public async Task RunAsync()
    {
        await (Start ?? _world.Pause(TimeSpan.FromTicks((long)(_world.ChaosTicks * _random.NextDouble() * (_staysToTheEnd ? 0.3 : 1)))));
        var client = _world.CreateClient(Name, LearnSoon);
        _world.LookedUpAgain[Name] = partition => ReadAgain(int.Parse(partition[(_topic.Length + 1)..], CultureInfo.InvariantCulture));
        var options = _settings.Draw(_topic, Name);
        options.GroupInstanceId = Instance ?? options.GroupInstanceId;
        (_maxPollInterval, _isStatic) = (options.MaxPollInterval, options.GroupInstanceId is not null);
        options.OnPartitionsAssigned = OnAssigned;
        options.OnPartitionsRevoked = OnRevoked;
        options.OnPartitionsLost = context =>
        {
            HasLost = true;
            return OnGivenUp("has lost", context, _handlers.Lose);
        };
        var consumer = client.CreateConsumer<byte[]?, ReadOnlyMemory<byte>>(options);
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(consumer, _random.Next(3) == 0, stop.Token);
        await WaitForTheEndAsync();
        if (IsDead)
            stop.Cancel();
        else
        {
            _isLeaving = true;
            await consumer.DisposeAsync();
        }
        await reading;
        _gone.TrySetResult();
        if (!IsDead)
            await Task.WhenAll(_commits);
        if (IsDead)
        {
            // A dead process closes nothing; only the run wants its memory back.
            await _leave.Task;
            await consumer.DisposeAsync();
        }
        await client.DisposeAsync();
    }

    void LearnSoon(KafkaClientOptions options)
    {
        GroupMemberSettings.LearnSoon(options);
        _world.DrawRack(options, Name);
    }

    async Task WaitForTheEndAsync()
    {
        var time = _staysToTheEnd ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks((long)(_world.ChaosTicks * _random.NextDouble()));
        if (_staysToTheEnd || _random.Next(4) == 0)
        {
            await _leave.Task;
            return;
        }
        await _world.Pause(time);
        if (_leave.Task.IsCompleted || _settings.CommitsOnlyWhenLeaving || _random.Next(3) != 0)
            return;
        (IsDead, HasLost) = (true, true);
        _world.Group.Bury(Name);
        _world.Tell($"{Name} dies");
        _world.Crash(Name);
    }

    async Task ReadAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, bool byBatch, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                // A new loop reads again what the last one had in hand.
                _inHandSince.Clear();
                _atWork.Clear();
                foreach (var partition in _turns.Keys.ToArray())
                    ReadAgain(partition);
                if (_workStyle.IsMany)
                    await ProcessAsync(consumer, stop);
                else if (byBatch)
                    await ReadBatchesAsync(consumer, stop);
                else
                    await ReadRecordsAsync(consumer, stop);
            }
            catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (KafkaException over) when (over.IsFatal)
            {
                _world.Tell($"{Name} is over: {over.Message}");
                if (!MayBeShutOut(over))
                    throw;
                (IsShutOut, HasLost) = (true, true);
                return;
            }
            catch (KafkaException error)
            {
                _world.Tell($"{Name} begins a new loop after {error.Message}");
                await _world.Pause(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    /// <summary>
    /// Whoever has an instance id of two may be shut out. So may one that follows a dead process, by what that has sent and comes late; and
    /// nothing comes late once all faults have ended.
    /// </summary>
    bool MayBeShutOut(KafkaException over) => Instance is not null
        && (over.Code == ErrorCode.FencedInstanceId ? HasTwin || !_world.Group.IsHealed : over.Code == ErrorCode.UnreleasedInstanceId && HasTwin);

    async Task ReadRecordsAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, CancellationToken stop)
    {
        await using var records = consumer.ReadAllAsync(stop).GetAsyncEnumerator(CancellationToken.None);
        while (await records.MoveNextAsync())
        {
            var (partition, offset, next) = (records.Current.Partition, records.Current.Offset, records.Current.Next);
            Take(records.Current);
            var turn = _turns.GetValueOrDefault(partition);
            await WorkAsync();
            Check(records.Current);
            // A loop may be left with a record in hand, which comes again.
            if (IsDead || _random.Next(100) == 0)
                return;
            Finish(records.Current);
            // Where the partition went and came back meanwhile, it is read again from the group's offset, and this one is named no more.
            if (turn != _turns.GetValueOrDefault(partition) && _handlers.Has(new TopicPartition(_topic, partition)))
                continue;
            _lastNext[partition] = next;
            await CommitNowAndThenAsync(consumer, next);
            await CommitTooLateAsync(consumer);
        }
    }

    async Task ReadBatchesAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, CancellationToken stop)
    {
        await using var batches = consumer.ReadBatchesAsync(stop).GetAsyncEnumerator(CancellationToken.None);
        while (await batches.MoveNextAsync())
        {
            foreach (var record in batches.Current)
                Take(record);
            await WorkAsync();
            if (IsDead)
                return;
            foreach (var record in batches.Current)
            {
                Check(record);
                Finish(record);
            }
        }
    }

    /// <summary>
    /// The application commits too: what it names, and then it waits for the answer, since a commit of what is read meanwhile may
    /// come before; or all that is finished, and then it may go on.
    /// </summary>
    async ValueTask CommitNowAndThenAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, TopicPartitionOffset next)
    {
        if (_random.Next(100) >= _percentOfCommits)
            return;
        // Which of two topics of one name an offset is of that an application names, nobody can tell.
        var isNamed = _random.Next(2) == 0 && !_world.MayRecreate;
        var commit = CommitAsync(consumer, isNamed ? next : null);
        if (isNamed || _random.Next(2) == 0)
            await commit;
        else
            _commits.Add(commit);
    }

    /// <summary>An application that keeps offsets of its own names some that are not its own any more: they must not be sent.</summary>
    async ValueTask CommitTooLateAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer)
    {
        if (_givenUp.Count == 0 || _percentOfCommits == 0 || _world.MayRecreate)
            return;
        var offset = _givenUp.Values.First();
        _givenUp.Remove(offset.Partition);
        await CommitAsync(consumer, offset);
    }

    async Task CommitAsync(Consumer<byte[]?, ReadOnlyMemory<byte>> consumer, TopicPartitionOffset? offset)
    {
        try
        {
            if (offset is { } one)
                await consumer.CommitAsync(one);
            else
                await consumer.CommitAsync();
        }
        catch (Exception refused) when (refused is KafkaException or ObjectDisposedException)
        {
            _world.Tell($"{Name} is told of a commit: {refused.Message}");
        }
    }

    void Take(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        var id = SentRecord.IdOf(record.Value.Span);
        var (topic, partition, offset) = (record.Topic, record.Partition, record.Offset);
        _world.Scheduler.Story?.Add(_world.Scheduler.Now, $"{Name} reads {topic}-{partition}@{offset}, record {id}");
        _world.Group.Deliver(new Delivery(Name, _turns.GetValueOrDefault(partition), topic, partition, offset, id), IsGone(partition, offset, id));
        _inHandSince.TryAdd(partition, _world.Scheduler.Now);
        Check(record);
    }

    void Finish(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        _inHandSince.Remove(record.Partition);
        if (!IsGone(record.Partition, record.Offset, SentRecord.IdOf(record.Value.Span)))
            _world.Group.Finish(Name, _topic, record.Partition, record.Offset);
    }

    /// <summary>Whether a record lies in a topic that was deleted: it counts for nothing.</summary>
    bool IsGone(int partition, long offset, int id) => _world.Surgery.IsGone(_world.Machine.Cluster, _topic, partition, offset, id);

    /// <summary>The record is what was sent, and stays so for as long as it is in hand.</summary>
    void Check(in ConsumerRecord<byte[]?, ReadOnlyMemory<byte>> record)
    {
        var id = SentRecord.IdOf(record.Value.Span);
        var sent = (uint)id < (uint)_world.History.Sent.Count ? _world.History.Sent[id] : null;
        if (sent is null || !sent.HasValue(record.Value.Span) || !(sent.KeyBytes() ?? []).AsSpan().SequenceEqual(record.Key ?? [])
            || (sent.Key is null) != (record.Key is null) || record.Timestamp.ToUnixTimeMilliseconds() != sent.TimestampMs)
            _world.Violations.Add("P2 no phantom", $"{Name} was given other bytes at {record.Topic}-{record.Partition}@{record.Offset} than were sent");
    }

    async Task WorkAsync()
    {
        if (_random.Next(100) < _percentOfPauses)
            await _world.Pause(TimeSpan.FromMilliseconds(_random.Next(_random.Next(20) == 0 ? 1_500 : 30)));
    }

    ValueTask OnAssigned(RebalanceContext context)
    {
        Turn("is assigned", context);
        foreach (var partition in context.Partitions)
        {
            if (IsDead)
                break;
            _handlers.Assign(partition);
            // What is still in hand from before the partition was lost is none of this assignment.
            _inHandSince.Remove(partition.Partition);
            _atWork.RemoveAll(work => work.Partition == partition.Partition);
            _givenUp.Remove(partition.Partition);
            if (!_world.IsOfTheTopicOfNow(GroupMemberSettings.GroupId, Name, partition))
                continue;
            _world.Group.Take(
                Name, partition.Topic, partition.Partition,
                _world.CommittedOffset(GroupMemberSettings.GroupId, partition.Topic, partition.Partition),
                name => _world.IsInGeneration(GroupMemberSettings.GroupId, name));
        }
        return ValueTask.CompletedTask;
    }

    ValueTask OnRevoked(RebalanceContext context) =>
        OnGivenUp("gives up", context, partition => _handlers.Revoke(partition, IsWaitedFor(partition.Partition)));

    /// <summary>The rebalance waits for what is in hand, but not for ever, and not once the member has been expelled.</summary>
    bool IsWaitedFor(int partition) => _world.IsMember(GroupMemberSettings.GroupId, Name)
        && ((_inHandSince.TryGetValue(partition, out var since) && _world.Scheduler.Now - since < _maxPollInterval.Ticks)
            || _atWork.Exists(work => work.Partition == partition && _world.Scheduler.Now - work.Since < _maxPollInterval.Ticks));

    ValueTask OnGivenUp(string what, RebalanceContext context, Action<TopicPartition> check)
    {
        Turn(what, context);
        foreach (var partition in context.Partitions)
        {
            // A dead process was told nothing that it could remember.
            if (!IsDead)
                check(partition);
            _world.Group.GiveUp(Name, partition.Topic, partition.Partition);
            if (_lastNext.Remove(partition.Partition, out var next))
                _givenUp[partition.Partition] = next;
        }
        return ValueTask.CompletedTask;
    }

    void Turn(string what, RebalanceContext context)
    {
        foreach (var partition in context.Partitions)
            ReadAgain(partition.Partition);
        _world.Scheduler.Story?.Add(_world.Scheduler.Now, $"{Name} {what} {string.Join(", ", context.Partitions)}");
    }

    /// <summary>What was in hand or finished beyond the position is nobody's any more: it comes again.</summary>
    void ReadAgain(int partition)
    {
        _turns[partition] = _turns.GetValueOrDefault(partition) + 1;
        _world.Group.ReadAgain(Name, _topic, partition);
    }
}
