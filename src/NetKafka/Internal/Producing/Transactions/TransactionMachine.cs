using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing.Transactions;

/// <summary>
/// The transactions of one transactional id (KIP-98), by the rules that the cluster has finalized when each begins: where the level of
/// transaction.version is 2, brokers add partitions themselves and each end brings another epoch, so that nothing late can be taken for
/// the next transaction (KIP-890). Below it partitions are added first, and the epoch stays; there, an end that left any request without
/// an answer is followed by another epoch, for the same reason.
/// </summary>
sealed partial class TransactionMachine(
    ICluster cluster, ProducerOptions options, ProducerIdentity identity, ITransactionOwner owner, Backoff backoff, RandomSource random)
{
    const string Feature = "transaction.version";
    const short Version2 = 2;

    // Whoever copies a large record into its batch is done within microseconds.
    static readonly TimeSpan UnsentPause = TimeSpan.FromMilliseconds(1);

    readonly string _id = options.TransactionalId!;
    readonly List<Call<bool>> _initCalls = [];
    readonly List<Call<bool>> _endCalls = [];
    readonly List<PartitionQueue> _toAdd = [];
    readonly List<PartitionQueue> _adding = [];
    readonly Queue<OffsetsJob> _offsets = new();
    readonly List<Call<bool>> _pauses = [];
    readonly List<Action<Effects>> _reports = [];

    Call<bool>? _beginCall;
    KafkaException? _error;
    string _lastProblem = "no answer came";
    Instant _notBefore = Instant.Start;
    int _failures;
    int _number;
    bool _isAsking;
    bool _isVersion2;
    bool _mayHaveBegun;
    bool _isAnswerMissing;
    bool _needsEpoch;
    bool _mayRenew;
    bool _isAnew;
    bool _isStampOfVersion1;
    bool _isEndSent;
    bool _isClosing;
    bool _isClusterClosed;

    // Which end has come that the last one who asked for it did not hear of.
    TransactionState? _unheardEnd;
    Instant _openedAt = Instant.Start;

    public TransactionState State { get; private set; }

    CoordinatorKey Coordinator => CoordinatorKey.Transaction(_id);

    /// <summary>Whether every record has its outcome.</summary>
    bool IsFlushed => owner.IsFlushed
#if NETKAFKA_CHECKED
        || (Planted.Has(Bug.CommitGoesAheadOfItsRecords) && State == TransactionState.Committing)
        || (Planted.Has(Bug.AbortGoesAheadOfItsRecords) && State == TransactionState.Aborting)
#endif
        ;

    /// <summary>Whether batches are not to wait for more records: somebody waits for the end of the transaction.</summary>
    public bool IsUrgent => State is TransactionState.Committing or TransactionState.Aborting;

    /// <summary>Whether it goes on once every record has its outcome.</summary>
    public bool IsFlushWanted => IsUrgent || (_isAnew && State == TransactionState.Initializing);

    /// <summary>The newest Produce version that may be used: those from 12 on add to the transaction by themselves.</summary>
    public short HighestProduceVersion => _isVersion2 ? short.MaxValue : (short)11;

    public short LowestProduceVersion => _isVersion2 ? (short)12 : (short)3;

    /// <summary>What a record meets that is produced before the first transaction.</summary>
    public Exception OutsideOfTransaction() => Outside("No record can be produced");

    /// <summary>Whether a batch of a partition may go. Where it may not yet, what is missing is asked for.</summary>
    public bool MaySend(PartitionQueue queue)
    {
        if (State is not (TransactionState.Open or TransactionState.Committing))
            return false;
        if (queue.AddedTo == _number)
            return true;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.PartitionIsNotAdded) || (Planted.Has(Bug.PartitionIsAddedOnce) && queue.AddedTo > 0))
        {
            _mayHaveBegun = true;
            return true;
        }
#endif
        if (_isVersion2)
        {
            queue.AddedTo = _number;
            _mayHaveBegun = true;
            return true;
        }
        if (queue.AskedFor != _number)
        {
            queue.AskedFor = _number;
            _toAdd.Add(queue);
            owner.Wake();
        }
        return false;
    }

    /// <summary>A batch of the transaction was not delivered: the others alone are not what was to be written.</summary>
    /// <param name="code">The broker's error; none where its time was over.</param>
    /// <param name="cause">What its callers are told.</param>
    /// <param name="isSequenceBroken">Whether its partition cannot go on under this epoch.</param>
    public void OnBatchFailed(ErrorCode code, Func<Exception> cause, bool isSequenceBroken)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.FailedRecordIsForgotten))
            return;
#endif
        _needsEpoch |= isSequenceBroken;
        if (State is not (TransactionState.Open or TransactionState.Committing or TransactionState.Failed))
            return;
        owner.Wake();
        if (code is ErrorCode.ProducerFenced or ErrorCode.TransactionalIdAuthorizationFailed)
        {
            Fail(TransactionErrors.From(code, TransactionVerdict.Over, _id, "A record of a transaction", options, _isVersion2));
            return;
        }
        var reason = cause();
        var message = $"A record of the transaction of '{_id}' was not delivered, so that it cannot be committed: abort it, and do its work again. {reason.Message}";
        Fail(new TransactionException(message, TransactionRemedy.Abort, reason) { Code = code });
    }

    /// <summary>A record of the transaction ended before it was in a batch.</summary>
    public void OnRecordLost(KafkaException cause)
    {
        // What the coordinator was asked to end is as it is.
        if (!_isEndSent)
            OnBatchFailed(cause.Code, () => cause, isSequenceBroken: false);
    }

    /// <summary>A partition lacks a batch for certain: the rest of the transaction cannot be written after it.</summary>
    public void OnSequenceBroken(PartitionQueue queue)
    {
        _needsEpoch = true;
        if (State is TransactionState.Open or TransactionState.Committing)
            Fail(new TransactionException(
                $"A batch of {queue.TopicPartition} is missing in the transaction of '{_id}', and those after it cannot be written: abort it, and do its work again.",
                TransactionRemedy.Abort));
    }

    /// <summary>The producer is disposed: what is open is aborted, as far as there is time for it.</summary>
    public void Close()
    {
        if (State is TransactionState.Open or TransactionState.Failed)
            Move(TransactionState.Aborting);
        _isClosing = true;
        owner.Wake();
    }

    /// <summary>Whether nothing is left to be done before the producer can end.</summary>
    public bool IsEnded => State is TransactionState.New or TransactionState.Initializing or TransactionState.Ready or TransactionState.Over;

    public Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        var next = EndLateCalls(now, effects);
        if (!EndUnsent(now))
            next = Instant.Earlier(next, now + UnsentPause);
        if (_isAsking || _isClusterClosed || State is TransactionState.New or TransactionState.Ready or TransactionState.Failed or TransactionState.Over)
            return next;
        if (_notBefore > now)
            return Instant.Earlier(next, _notBefore);
        switch (State)
        {
            // What the producer had before it began anew must not be part of what comes.
            case TransactionState.Initializing when !_isAnew || IsFlushed:
                SendInit(now);
                break;
            case TransactionState.Open:
                TryAdd(now);
                break;
            case TransactionState.Committing when !TryAdd(now) && IsFlushed && _offsets.Count == 0:
                if (_mayHaveBegun)
                    SendEnd(commits: true, now);
                else
                    End(effects, now);
                break;
            case TransactionState.Aborting:
                PollAbort(effects, now);
                break;
        }
        return next;
    }

    /// <summary>Ends the records that are not on their way, where they are not to be sent.</summary>
    /// <returns>False where somebody is at work on one.</returns>
    bool EndUnsent(Instant now) => State switch
    {
        TransactionState.Failed or TransactionState.Over => owner.EndUnsent($"its transaction has failed: {_error!.Message.TrimEnd('.')}", _error.Code, MayPass(_error), now),
        TransactionState.Aborting => owner.EndUnsent("its transaction was aborted", ErrorCode.None, true, now),
        TransactionState.Initializing when _isAnew => owner.EndUnsent("its producer was over, and began anew", ErrorCode.None, true, now),
        _ => true,
    };

    static bool MayPass(KafkaException error) => error.IsRetriable || error.InnerException is KafkaException { IsRetriable: true };

    void PollAbort(Effects effects, Instant now)
    {
        DropOffsets(effects);
        _toAdd.Clear();
        if (!IsFlushed)
            return;
        // Whether the transaction has begun must be certain first: the end of one that has not is refused on version 1.
        if (_adding.Count > 0)
            SendAddPartitions(now);
        else if (_mayHaveBegun)
            SendEnd(commits: false, now);
        else
            End(effects, now);
    }

    void Open(Instant now)
    {
        Move(TransactionState.Open);
        _openedAt = now;
        _number++;
        _isVersion2 = cluster.FinalizedLevel(Feature) >= Version2;
        (_mayHaveBegun, _isAnswerMissing, _isEndSent, _error, _unheardEnd) = (false, false, false, null, null);
#if NETKAFKA_CHECKED
        _isVersion2 |= Planted.Has(Bug.TransactionsAreOfVersion2);
        _mayHaveBegun |= Planted.Has(Bug.NothingIsEndedAsSomething);
#endif
        owner.SetRefusal(null);
        owner.OnMaySend();
    }

    /// <summary>
    /// Whether the next transaction follows the newer rules under an epoch that ended one by the older: a record of it could come before that
    /// one's markers and end with them, so that it has to have another epoch.
    /// </summary>
    bool NeedsEpochOfVersion2 => _isStampOfVersion1 && cluster.FinalizedLevel(Feature) >= Version2
#if NETKAFKA_CHECKED
        && !Planted.Has(Bug.NewRulesKeepTheOldEpoch)
#endif
        ;

    /// <summary>The transaction is over, one way or the other. On version 1 what may come late must not meet the next one.</summary>
    void End(Effects effects, Instant now)
    {
        _unheardEnd = _endCalls.TrueForAll(static call => call.IsAnswered) ? State : null;
        foreach (var call in _endCalls)
            call.Succeed(true, effects);
        _endCalls.Clear();
        var needsEpoch = !_isVersion2 && (_isAnswerMissing || _needsEpoch);
#if NETKAFKA_CHECKED
        needsEpoch &= !Planted.Has(Bug.LateEndMeetsTheNextTransaction);
#endif
        _needsEpoch = false;
        _isStampOfVersion1 |= !_isVersion2 && _mayHaveBegun;
        Move(needsEpoch ? TransactionState.Initializing : TransactionState.Ready);
        (_failures, _notBefore) = (0, now);
        if (State == TransactionState.Ready)
            OnReady(now, effects);
        owner.Wake();
    }

    void OnReady(Instant now, Effects effects)
    {
        foreach (var call in _initCalls)
            call.Succeed(true, effects);
        _initCalls.Clear();
        if (_beginCall is { IsAnswered: false } begin && !_isClosing)
        {
            if (NeedsEpochOfVersion2)
            {
                Move(TransactionState.Initializing);
            }
            else
            {
                Open(now);
                begin.Succeed(true, effects);
                _beginCall = null;
            }
        }
        owner.Wake();
    }

    /// <summary>Nothing more is taken into the transaction; or, where that is the end of the producer, into any.</summary>
    void Fail(KafkaException error)
    {
        if (State == TransactionState.Over)
            return;
        var isOver = error is not TransactionException { Remedy: TransactionRemedy.Abort };
        // The first error is the cause of those that follow.
        if (State == TransactionState.Failed && !isOver)
            return;
        _error = error;
        owner.SetRefusal(() => Failure(error));
        Move(isOver ? TransactionState.Over : TransactionState.Failed);
        _toAdd.Clear();
        // Who asks for something from here on asks for something else.
        var calls = TakeCalls();
        _reports.Add(effects =>
        {
            effects.Log(logger => ClientLog.TransactionFailed(logger, _id, error.Message));
            foreach (var call in calls)
                call.Fail(Failure(error), effects);
        });
        owner.Wake();
    }

    /// <summary>The error in an exception of its own, since each caller's has a stack trace of its own.</summary>
    static TransactionException Failure(KafkaException error)
    {
        var remedy = error is TransactionException known ? known.Remedy : TransactionRemedy.None;
        return new TransactionException(error.Message, remedy, error.InnerException) { Code = error.Code, IsFatal = error.IsFatal, Broker = error.Broker };
    }

    InvalidOperationException Outside(string what) => new(
        $"{what} outside of a transaction: the one of '{_id}' is {Describe(State)}. Call BeginTransactionAsync first.");

    static string Describe(TransactionState state) => state switch
    {
        TransactionState.Open => "open",
        TransactionState.Failed => "failed, and to be aborted",
        TransactionState.Committing => "being committed",
        TransactionState.Aborting => "being aborted",
        _ => "not begun",
    };

    void Move(TransactionState to)
    {
        TransactionMoves.Check(State, to);
        State = to;
    }
}
