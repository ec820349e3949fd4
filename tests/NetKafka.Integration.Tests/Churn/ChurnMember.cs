using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Churn;

/// <summary>One member, with a client of its own; it reads until it leaves, dies or stands still.</summary>
sealed class ChurnMember
{
    readonly string _name;
    readonly Plug _plug = new();
    readonly ChurnLedger _ledger;
    readonly KafkaClient _kafka;
    readonly Consumer<byte[]?, ReadOnlyMemory<byte>> _consumer;
    readonly CancellationTokenSource _death = new();
    readonly Task _reading;
    TaskCompletionSource? _standstill;
    bool _isLeaving;

    /// <param name="bootstrap">The brokers.</param>
    /// <param name="group">The group.</param>
    /// <param name="topic">What it reads.</param>
    /// <param name="way">How the group shares.</param>
    /// <param name="slot">Its place, which a lasting id names.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="ledger">Where it says what it is given.</param>
    public ChurnMember(string bootstrap, string group, string topic, ChurnWay way, int slot, string name, ChurnLedger ledger)
    {
        (Slot, _name, _ledger) = (slot, name, ledger);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = bootstrap, ClientId = name, ConnectCallback = _plug.ConnectAsync });
        var options = new ConsumerOptions
        {
            GroupId = group, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest, AutoCommitInterval = TimeSpan.FromMilliseconds(200),
            MaxPollInterval = TimeSpan.FromSeconds(60), CloseTimeout = TimeSpan.FromSeconds(20),
            OnPartitionsAssigned = context => Tell(context, _ledger.Assign),
            OnPartitionsRevoked = context => Tell(context, _ledger.Revoke),
            OnPartitionsLost = context => Tell(context, _ledger.Lose),
        };
        if (way is ChurnWay.Static or ChurnWay.StaticConsumer)
            options.GroupInstanceId = $"member-{slot}";
        if (way is ChurnWay.Consumer or ChurnWay.StaticConsumer)
            options.GroupProtocol = GroupProtocol.Consumer;
        else
        {
            options.PartitionAssignmentStrategies = [way == ChurnWay.Eager ? PartitionAssignmentStrategy.Range : PartitionAssignmentStrategy.CooperativeSticky];
            (options.SessionTimeout, options.HeartbeatInterval) = (GroupSessions.Session, GroupSessions.Heartbeat);
        }
        _consumer = _kafka.CreateConsumer<byte[]?, ReadOnlyMemory<byte>>(options);
        _reading = Task.Run(ReadAsync);
    }

    public int Slot { get; }

    /// <summary>How many partitions it has.</summary>
    public int Owned => _consumer.Assignment.Count;

    /// <summary>Whether it has ended without a word. The ledger sets this and what follows.</summary>
    public bool IsDead { get; set; }

    /// <summary>Since when nothing of it comes through, by <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long? HeldSince { get; set; }

    /// <summary>Whether it stood still for so long that it may have lost its membership, and has been told nothing since.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Whether it may have lost its membership while it stood still, and an answer from before is the first that it hears.</summary>
    public bool HasOldAnswer { get; set; }

    /// <summary>Whether it has ever stood still.</summary>
    public bool WasHeld { get; set; }

    /// <summary>Whether it can still be told something.</summary>
    public bool IsReading => !IsDead && !_isLeaving;

    /// <summary>Gives up in order what it has. A static member's place stays its own until its session ends.</summary>
    public async Task Leave()
    {
        _isLeaving = true;
        await _consumer.DisposeAsync();
        await _reading;
        await _kafka.DisposeAsync();
    }

    /// <summary>Ends without a word.</summary>
    public async Task Crash()
    {
        // What it does from here on nobody hears.
        _plug.Pull();
        _ledger.Die(this);
        await _death.CancelAsync();
        GoOn();
        await _reading;
    }

    /// <summary>Gives back what a dead process would not need to.</summary>
    public async Task Bury()
    {
        await _kafka.DisposeAsync();
        _death.Dispose();
    }

    /// <summary>Stands still.</summary>
    public void Hold()
    {
        _standstill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _plug.Hold();
        _ledger.Hold(this);
    }

    /// <summary>Goes on.</summary>
    public void LetGo()
    {
        _ledger.LetGo(this, _plug.LetGo);
        GoOn();
    }

    public override string ToString() => _name;

    void GoOn()
    {
        var standstill = _standstill;
        _standstill = null;
        standstill?.SetResult();
    }

    ValueTask Tell(RebalanceContext context, Action<ChurnMember, IReadOnlyList<TopicPartition>> tell)
    {
        tell(this, context.Partitions);
        return ValueTask.CompletedTask;
    }

    async Task ReadAsync()
    {
        try
        {
            await foreach (var record in _consumer.ReadAllAsync(_death.Token))
            {
                _ledger.Take(this, record.Partition, record.Offset);
                var (partition, offset) = (record.Partition, record.Offset);
                if (_standstill is { } standstill)
                    await standstill.Task;
                if (IsDead)
                    return;
                _ledger.Finish(this, partition, offset);
            }
        }
        catch (ObjectDisposedException) when (_isLeaving)
        {
        }
        catch (OperationCanceledException) when (IsDead)
        {
        }
        catch (Exception error)
        {
            _ledger.Mistake($"{_name} ended: {error}");
        }
    }
}
