using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// One process that writes transactions under a name: some records at a time, committed or aborted, some of them for longer than a
/// transaction may take. Beside it, it reads what the writers of its topic have committed. It ends when it is told to, when it dies, or
/// when it is shut out.
/// </summary>
sealed class TransactionalProcess : MortalProcess
{
    const int MaxRecords = 8;
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(7);

    readonly string _topic;
    readonly int _partitions;
    readonly bool _isLast;
    readonly string _transactionalId;
    readonly int _number;
    readonly ProducerOptions _options;
    readonly long _featuresEpoch;
    readonly CancellationTokenSource _over = new();
    readonly TaskCompletionSource _begun = new();

    /// <summary>The id and the epoch that the coordinator had when the open transaction was begun; null where that is uncertain.</summary>
    (long, short)? _stampAtBegin;

    /// <summary>What the coordinator had when the last transaction had ended, or gave when the first was about to begin.</summary>
    (long, short) _stampAtEnd;

    /// <summary>Whether the coordinator may know another producer by its name.</summary>
    bool _hasStrayed;

    /// <summary>The transaction to which counts what is read; null for none.</summary>
    SentTransaction? _reading;

    /// <param name="world">The run.</param>
    /// <param name="topic">Where it writes.</param>
    /// <param name="partitions">How many partitions that has.</param>
    /// <param name="transactionalId">Its name.</param>
    /// <param name="number">Its number among all processes.</param>
    /// <param name="isLast">Whether nothing is wrong any more, so that all of it has to be committed.</param>
    public TransactionalProcess(SimWorld world, string topic, int partitions, string transactionalId, int number, bool isLast = false)
        : base(world, $"{transactionalId}.{number}")
    {
        (_topic, _partitions, _transactionalId, _number, _isLast) = (topic, partitions, transactionalId, number, isLast);
        _featuresEpoch = world.Machine.Settings.FeaturesEpoch;
        _options = DrawOptions();
    }

    /// <summary>Ends when it is the producer of its name.</summary>
    public Task Begun => _begun.Task;

    /// <summary>How many records it has begun to write.</summary>
    public int Written { get; private set; }

    /// <summary>Whether another process of its name was started.</summary>
    public bool IsSucceeded { get; set; }

    /// <summary>Whether others of its name run still: one of them may ask for its id once more, and with that end its transaction.</summary>
    public bool HasRivals { get; init; }

    /// <summary>Whether it is over since another of its name has asked for an id.</summary>
    public bool IsShutOut { get; private set; }

    /// <param name="records">After how many records it has done its work.</param>
    /// <param name="overTicks">Over which time it spreads them.</param>
    public async Task RunAsync(int records, long overTicks)
    {
        var client = World.CreateClient(Name, GroupMemberSettings.LearnSoon);
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, byte[]>(_options);
        var reading = ReadAlongAsync(client);
        try
        {
            await UntilCertainAsync(() => producer.InitTransactionsAsync());
            // Its own: by now the coordinator may have worked off an older request for it.
            _stampAtEnd = World.Stamps.GetValueOrDefault(Name);
            if (!IsDead)
                World.Transactions.TakeOver(_transactionalId, _number, World.VisibleIds(_topic));
            _begun.TrySetResult();
            if (_isLast)
                await EndNothingAsync(producer);
            for (var pause = overTicks / records; records > 0 && !Leaving.IsCancellationRequested;)
            {
                // Now and then the next transaction begins as soon as the last one has ended.
                await World.Pause(TimeSpan.FromTicks(Random.Next(4) == 0 ? 0 : (long)(MaxRecords * pause * Random.NextDouble())));
                var count = Math.Min(records, 1 + Random.Next(MaxRecords));
                await RunTransactionAsync(producer, count);
                records -= count;
            }
        }
        catch (TransactionException over) when (over.IsFatal)
        {
            World.Tell($"{Name} is over: {over.Message}");
            IsShutOut = true;
            if (_isLast && !HasRivals)
                World.Violations.Add("P21 progress after healing", $"{Name} is over in a healthy cluster: {over.Message}");
            else if (!IsDead && !_isLast)
                CheckFence(over);
        }
        await Buried;
        _over.Cancel();
        await reading;
        await producer.DisposeAsync();
        await client.DisposeAsync();
    }

    /// <summary>Transactions in which nothing was done end as well as any.</summary>
    async Task EndNothingAsync(Producer<ReadOnlyMemory<byte>?, byte[]> producer)
    {
        await UntilCertainAsync(() => producer.BeginTransactionAsync());
        await UntilCertainAsync(() => producer.CommitTransactionAsync());
        await UntilCertainAsync(() => producer.BeginTransactionAsync());
        await UntilCertainAsync(() => producer.AbortTransactionAsync());
    }

    /// <summary>
    /// Who says that he was shut out must have been: since his transaction began the coordinator has given its name another id or epoch, or
    /// is about to. Where the rules have changed meanwhile, the end before it may have raised the epoch without a word to him.
    /// </summary>
    void CheckFence(TransactionException over)
    {
        if (World.Machine.Settings.FeaturesEpoch != _featuresEpoch)
            return;
        if (over.Code is not (ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.InvalidTxnState) || _stampAtBegin is not { } stamp)
            return;
        if (CoordinatorsStamp == stamp)
            World.Violations.Add("P21 over for a reason", $"{Name} is over, and nobody has shut it out: {over.Message}");
    }

    (long, short) CoordinatorsStamp => World.Machine.Cluster.Transactions.Find(_transactionalId) is { } entry ? (entry.ProducerId, entry.Epoch) : (-1, -1);

    async Task RunTransactionAsync(Producer<ReadOnlyMemory<byte>?, byte[]> producer, int count)
    {
        _stampAtBegin = null;
        await UntilCertainAsync(() => producer.BeginTransactionAsync());
        // Once another process of the name was started, it may be the one that the coordinator knows. And bytes of a connection that was given
        // up may ask for the id a second time: no client can help that, and it is learnt of at the first transaction that asks a broker.
        _hasStrayed |= IsSucceeded || CoordinatorsStamp != _stampAtEnd;
        _stampAtBegin = _hasStrayed ? null : CoordinatorsStamp;
        var transaction = World.Transactions.Begin(_transactionalId, _number);
        World.Tell($"{Name} begins {transaction}");
        _reading = transaction;
        var outcomes = new List<Task>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var sent = SendAsync(producer, transaction);
                outcomes.Add(sent);
                if (Random.Next(3) == 0)
                    await sent;
                // Now and then the coordinator has aborted it by then.
                if (!_isLast && Random.Next(60) == 0)
                    await World.Pause(TimeSpan.FromTicks(Math.Min(2 * _options.TransactionTimeout.Ticks, LongestPause.Ticks)));
            }
            if (!_isLast && Random.Next(5) == 0)
            {
                // Records are on their way when it begins.
                for (var more = World.Chance($"{Name} {transaction}").Next(4); more > 0; more--)
                    outcomes.Add(SendAsync(producer, transaction));
                await AbortAsync(producer, transaction);
            }
            else
                await CommitAsync(producer, transaction);
        }
        catch (TransactionException failed) when (failed.IsFatal)
        {
            End(transaction, transaction.IsCommitAsked ? TransactionOutcome.Unknown : TransactionOutcome.Aborted, failed);
            throw;
        }
        finally
        {
            _stampAtEnd = CoordinatorsStamp;
            await Task.WhenAll(outcomes);
        }
        if (_isLast && !HasRivals && transaction.Outcome != TransactionOutcome.Committed)
            World.Violations.Add("P21 progress after healing", $"{transaction} was begun in a healthy cluster and ended as {transaction.Outcome}: {transaction.Error?.Message}");
    }

    async Task CommitAsync(Producer<ReadOnlyMemory<byte>?, byte[]> producer, SentTransaction transaction)
    {
        // What comes later may come of the commit.
        _reading = null;
        transaction.IsCommitAsked = true;
        try
        {
            await UntilCertainAsync(() => producer.CommitTransactionAsync());
            End(transaction, TransactionOutcome.Committed);
        }
        catch (TransactionException failed) when (failed.Remedy == TransactionRemedy.Abort)
        {
            await AbortAsync(producer, transaction, failed);
        }
    }

    async Task ReadAlongAsync(KafkaClient client)
    {
        var consumer = client.CreateConsumer<byte[]?, ReadOnlyMemory<byte>>(new ConsumerOptions
        {
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
            FetchMaxWait = TimeSpan.FromMilliseconds(100 + Random.Next(400)),
        });
        await consumer.AssignAsync(Enumerable.Range(0, _partitions).Select(partition => new TopicPartitionOffset(_topic, partition, 0)));
        while (!_over.IsCancellationRequested)
        {
            try
            {
                await foreach (var record in consumer.ReadAllAsync(_over.Token))
                    _reading?.Reads.Add(SentRecord.IdOf(record.Value.Span));
            }
            catch (OperationCanceledException)
            {
            }
            catch (KafkaException error) when (!error.IsFatal)
            {
                World.Tell($"{Name} begins a new loop after {error.Message}");
                await World.Pause(TimeSpan.FromMilliseconds(50));
            }
        }
        await consumer.DisposeAsync();
    }

    async Task AbortAsync(Producer<ReadOnlyMemory<byte>?, byte[]> producer, SentTransaction transaction, Exception? reason = null)
    {
        await UntilCertainAsync(() => producer.AbortTransactionAsync());
        End(transaction, TransactionOutcome.Aborted, reason);
    }

    void End(SentTransaction transaction, TransactionOutcome outcome, Exception? error = null)
    {
        _reading = null;
        // What a dead process is told by its own client was told to nobody.
        if (IsDead)
            return;
        (transaction.Outcome, transaction.Error) = (outcome, error);
        World.Tell($"{transaction}: {outcome} {error?.Message}");
    }

    /// <summary>A call that ran out of time is made again, for as long as its process lives.</summary>
    async Task UntilCertainAsync(Func<ValueTask> call)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (KafkaTimeoutException late) when (!IsDead)
            {
                World.Tell($"{Name} asks again: {late.Message}");
            }
            catch (KafkaTimeoutException late)
            {
                throw new TransactionException("The process is dead.", TransactionRemedy.None, late) { IsFatal = true };
            }
        }
    }

    async Task SendAsync(Producer<ReadOnlyMemory<byte>?, byte[]> producer, SentTransaction transaction)
    {
        var sent = World.History.Add(new SentRecord
        {
            Id = World.History.NextId,
            Producer = _number,
            Topic = _topic,
            Partition = -1,
            Key = Random.Next(2) == 0 ? Random.Next(20) : null,
            ValueBytes = SentRecord.SmallestValue + Random.Next(Random.Next(20) == 0 ? 700 : 100),
            TimestampMs = World.WallClockMs,
            InvokedTicks = World.Scheduler.Now,
            LatestEndTicks = World.Scheduler.Now + (_options.MaxBlock + _options.DeliveryTimeout + Slack).Ticks,
        });
        transaction.Records.Add(sent);
        Written++;
        var key = sent.KeyBytes();
        try
        {
            var metadata = await producer.ProduceAsync(new ProducerRecord<ReadOnlyMemory<byte>?, byte[]>(
                _topic, key is null ? default(ReadOnlyMemory<byte>?) : key, sent.ValueOf())
            { Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(sent.TimestampMs) });
            sent.Acknowledge(metadata.Partition, metadata.Offset, World.Scheduler.Now);
        }
        catch (Exception error)
        {
            sent.End(OutcomeOf(sent, error), World.Scheduler.Now, error);
        }
        World.Tell($"{sent}: {sent.Outcome} {sent.AckedPartition}@{sent.AckedOffset} {sent.Error?.Message}");
    }

    SendOutcome OutcomeOf(SentRecord sent, Exception error)
    {
        switch (error)
        {
            case ProduceException { Fate: RecordFate.NotWritten } or KafkaAuthorizationException { Fate: RecordFate.NotWritten }:
                return SendOutcome.NotWritten;
            case ProduceException or KafkaAuthorizationException { Fate: RecordFate.Unknown }:
                return SendOutcome.Unknown;
            // Refused before anything of it was sent.
            case KafkaTimeoutException or ObjectDisposedException or TransactionException or InvalidOperationException:
                return SendOutcome.NotWritten;
            default:
                World.Violations.Add("No defect", $"{sent} ended as {error}");
                return SendOutcome.Unknown;
        }
    }

    ProducerOptions DrawOptions()
    {
        var linger = Random.Next(4) switch { 0 => 0, 1 => 1, 2 => 5, _ => 50 };
        return new ProducerOptions
        {
            TransactionalId = _transactionalId,
            TransactionTimeout = TimeSpan.FromMilliseconds(Random.Next(3) switch { _ when _isLast => 20_000, 0 => 300 + Random.Next(700), 1 => 3_000, _ => 20_000 }),
            BatchSize = Random.Next(3) switch { 0 => 0, 1 => 300, _ => 16 * 1024 },
            Linger = TimeSpan.FromMilliseconds(linger),
            MaxInFlight = 1 + Random.Next(5),
            MaxBlock = TimeSpan.FromMilliseconds(Random.Next(3) == 0 && !_isLast ? 200 + Random.Next(2_000) : 20_000),
            DeliveryTimeout = TimeSpan.FromMilliseconds(linger + 10_000 + Random.Next(10_000)),
            Compression = Random.Next(3) == 0 ? (CompressionCodec)Random.Next(5) : CompressionCodec.None,
            CloseTimeout = TimeSpan.FromMilliseconds(Random.Next(4) == 0 ? Random.Next(500) : 10_000),
        };
    }
}
