using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Producing.Transactions;

/// <content>What is asked of the coordinators, one request at a time, and what the answers mean.</content>
sealed partial class TransactionMachine
{
    // From these versions on brokers follow transaction.version 2 (KIP-890).
    const short EndTxnOfVersion2 = 5;
    const short TxnOffsetCommitOfVersion2 = 5;

    // KIP-447: the first with the member and its generation.
    const short FencedTxnOffsetCommit = 3;

    // KIP-360: the first that names the epoch to go on from.
    const short NamedInitProducerId = 3;

    // Producers up to these name one transaction.
    const short AddPartitionsOfProducers = 3;

    void SendInit(Instant now)
    {
        var expected = _isAnew ? ProducerStamp.None : identity.Current;
        Send<InitProducerIdRequest, InitProducerIdResponse>(
            version => new InitProducerIdRequest
            {
                TransactionalId = _id,
                TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
                ProducerId = version >= NamedInitProducerId ? expected.Id : -1,
                ProducerEpoch = version >= NamedInitProducerId ? expected.Epoch : (short)-1,
            },
            Coordinator, 0, InitProducerIdRequest.HighestStableVersion, "The producer's id", now,
            static response => response.ErrorCode,
            (response, when) =>
            {
                identity.Set(new ProducerStamp(response.ProducerId, response.ProducerEpoch));
                (_isAnew, _isStampOfVersion1) = (false, false);
                _reports.Add(effects =>
                {
                    Move(TransactionState.Ready);
                    OnReady(when, effects);
                });
            });
    }

    /// <summary>Asks for what the transaction still has to be told.</summary>
    /// <returns>False if there is nothing.</returns>
    bool TryAdd(Instant now)
    {
        if (_toAdd.Count > 0 || _adding.Count > 0)
        {
            _adding.AddRange(_toAdd);
            _toAdd.Clear();
            SendAddPartitions(now);
            return true;
        }
        if (!_offsets.TryPeek(out var job))
            return false;
        if (_isVersion2 || job.IsGroupAdded)
            SendOffsets(job, now);
        else
            SendAddOffsets(job, now);
        return true;
    }

    void SendAddPartitions(Instant now)
    {
        var (stamp, number) = (identity.Current, _number);
        Send<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            _ => new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = _id,
                V3AndBelowProducerId = stamp.Id,
                V3AndBelowProducerEpoch = stamp.Epoch,
                V3AndBelowTopics =
                [
                    .. _adding.GroupBy(static queue => queue.Topic.Name).Select(static topic => new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
                    {
                        Name = topic.Key, Partitions = [.. topic.Select(static queue => queue.Partition)],
                    }),
                ],
            },
            Coordinator, 0, AddPartitionsOfProducers, "The partitions of a transaction", now,
            static response => Worst(response.ResultsByTopicV3AndBelow
                .SelectMany(static topic => topic.ResultsByPartition).Select(static row => row.PartitionErrorCode)),
            (_, _) =>
            {
                _mayHaveBegun = true;
                foreach (var queue in _adding)
                    queue.AddedTo = number;
                _adding.Clear();
                owner.OnMaySend();
            },
            isOfTransaction: true, onRefused: _adding.Clear);
    }

    void SendAddOffsets(OffsetsJob job, Instant now)
    {
        var stamp = identity.Current;
        Send<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
            _ => new AddOffsetsToTxnRequest { TransactionalId = _id, ProducerId = stamp.Id, ProducerEpoch = stamp.Epoch, GroupId = job.Group.GroupId },
            Coordinator, 0, AddOffsetsToTxnRequest.HighestStableVersion, $"The offsets of group '{job.Group.GroupId}'", now,
            static response => response.ErrorCode,
            (_, _) => (_mayHaveBegun, job.IsGroupAdded) = (true, true),
            isOfTransaction: true);
    }

    void SendOffsets(OffsetsJob job, Instant now)
    {
        var (stamp, group) = (identity.Current, job.Group);
        _mayHaveBegun = true;
#if NETKAFKA_CHECKED
        group = Planted.Has(Bug.OffsetsAreNobodys) ? new ConsumerGroupMetadata(group.GroupId, "", -1, null) : group;
#endif
        Send<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
            version => new TxnOffsetCommitRequest
            {
                TransactionalId = _id,
                GroupId = group.GroupId,
                ProducerId = stamp.Id,
                ProducerEpoch = stamp.Epoch,
                GenerationIdOrMemberEpoch = group.Generation,
                MemberId = group.MemberId,
                GroupInstanceId = group.GroupInstanceId,
                Topics =
                [
                    .. job.Offsets.GroupBy(static offset => offset.Topic).Select(static topic => new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
                    {
                        Name = topic.Key,
                        Partitions = [.. topic.Select(static offset => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition
                        {
                            PartitionIndex = offset.Partition, CommittedOffset = offset.Offset, CommittedLeaderEpoch = offset.LeaderEpoch, CommittedMetadata = offset.Metadata ?? "",
                        })],
                    }),
                ],
            },
            CoordinatorKey.Group(group.GroupId), _isVersion2 ? TxnOffsetCommitOfVersion2 : FencedTxnOffsetCommit,
            _isVersion2 ? TxnOffsetCommitOfVersion2 : (short)(TxnOffsetCommitOfVersion2 - 1), $"The offsets of group '{group.GroupId}'", now,
            static response => Worst(response.Topics.SelectMany(static topic => topic.Partitions).Select(static row => row.ErrorCode)),
            (_, _) => _reports.Add(effects =>
            {
                if (_offsets.TryPeek(out var first) && first == job)
                    _offsets.Dequeue();
                job.Call.Succeed(true, effects);
            }),
            isOfTransaction: true, since: "2.5 (KIP-447)");
    }

    void SendEnd(bool commits, Instant now)
    {
        _isEndSent = true;
        var stamp = identity.Current;
        Send<EndTxnRequest, EndTxnResponse>(
            _ => new EndTxnRequest { TransactionalId = _id, ProducerId = stamp.Id, ProducerEpoch = stamp.Epoch, Committed = commits },
            Coordinator, _isVersion2 ? EndTxnOfVersion2 : (short)0, _isVersion2 ? EndTxnOfVersion2 : (short)(EndTxnOfVersion2 - 1),
            commits ? "The commit of a transaction" : "The abort of a transaction", now,
            static response => response.ErrorCode,
            (response, when) =>
            {
                var isNewEpoch = _isVersion2;
#if NETKAFKA_CHECKED
                isNewEpoch &= !Planted.Has(Bug.EpochOfTheEndIsNotTaken);
#endif
                if (isNewEpoch)
                {
                    identity.Set(new ProducerStamp(response.ProducerId, response.ProducerEpoch));
                    _isStampOfVersion1 = false;
                }
                _reports.Add(effects => End(effects, when));
            },
            isOfTransaction: true);
    }

    void Send<TRequest, TResponse>(
        Func<short, TRequest> body, CoordinatorKey coordinator, short lowest, short highest, string what, Instant now,
        Func<TResponse, ErrorCode> errorOf, Action<TResponse, Instant> onDone, bool isOfTransaction = false, Action? onRefused = null,
        string? since = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        _isAsking = true;
        var timeout = options.RequestTimeout!.Value;
        cluster.Send(
            new Exchange<TRequest, TResponse>(body, outcome =>
            {
                _isAsking = false;
                owner.Wake();
                if (State == TransactionState.Over)
                    return;
                if (!outcome.HasResponse)
                {
                    // On version 1 a request that comes late could still meet the next transaction.
                    _isAnswerMissing |= isOfTransaction && outcome.Failure.MayHaveHappened;
#if NETKAFKA_CHECKED
                    if (Planted.Has(Bug.LostEndIsTakenForDone) && TRequest.ApiKey == ApiKey.EndTxn && outcome.Failure.MayHaveHappened)
                    {
                        _reports.Add(effects => End(effects, outcome.Now));
                        return;
                    }
#endif
                    OnFailure(outcome.Failure, coordinator, what, since, outcome.Now);
                    return;
                }
                var code = errorOf(outcome.Response);
                var verdict = TransactionErrors.Judge(code, _isVersion2, coordinator == Coordinator);
                // A topic that is gone by the time of the abort was not added for certain, and never will be.
                if (code == ErrorCode.UnknownTopicOrPartition && TRequest.ApiKey == ApiKey.AddPartitionsToTxn && State == TransactionState.Aborting)
                    verdict = TransactionVerdict.Abort;
                if (verdict == TransactionVerdict.Done)
                {
                    (_failures, _notBefore) = (0, outcome.Now);
                    onDone(outcome.Response, outcome.Now);
                    return;
                }
                OnRefused(code, verdict, coordinator, TRequest.ApiKey, what, outcome.NodeId, outcome.Now);
                if (verdict is not (TransactionVerdict.Retry or TransactionVerdict.FindCoordinator))
                    onRefused?.Invoke();
            })
            {
                MinVersion = lowest, MaxVersion = highest, Timeout = timeout, Deadline = now + timeout, Owner = owner.Machine,
            },
            RequestTarget.Coordinator(coordinator), LaneKey.Control);
    }

    /// <param name="failure">Why there is no answer.</param>
    /// <param name="coordinator">Who was asked.</param>
    /// <param name="what">What was wanted.</param>
    /// <param name="since">The first version of Kafka that has it, where not every one does.</param>
    /// <param name="now">The time.</param>
    void OnFailure(RequestFailure failure, CoordinatorKey coordinator, string what, string? since, Instant now)
    {
        switch (failure.Reason)
        {
            case RequestFailureReason.Closed:
                _isClusterClosed = true;
                break;
            // As the group's coordinator would say it.
            case RequestFailureReason.Refused when failure.Error == ErrorCode.GroupAuthorizationFailed && State != TransactionState.Aborting:
                Fail(TransactionErrors.From(failure.Error, TransactionVerdict.Abort, _id, what, options, _isVersion2));
                break;
            case RequestFailureReason.Refused when failure.Error == ErrorCode.GroupAuthorizationFailed:
                break;
            case RequestFailureReason.Refused or RequestFailureReason.UnsupportedVersion or RequestFailureReason.Unwritable:
                Fail(TransactionErrors.From(failure, _id, what, since));
                break;
            default:
                if (failure.Reason == RequestFailureReason.TimedOut)
                    cluster.ForgetCoordinator(coordinator, cluster.CoordinatorOf(coordinator));
                Retry(failure.Detail, now);
                break;
        }
    }

    void OnRefused(ErrorCode code, TransactionVerdict verdict, CoordinatorKey coordinator, ApiKey api, string what, int nodeId, Instant now)
    {
        switch (verdict)
        {
            case TransactionVerdict.FindCoordinator:
                cluster.ForgetCoordinator(coordinator, nodeId);
                Retry(code.KafkaName(), now);
                break;
            case TransactionVerdict.Retry:
                Retry(code.KafkaName(), now);
                break;
            // What is aborted was not to be added any more; it was asked for before.
            case TransactionVerdict.Abort when State == TransactionState.Aborting && api != ApiKey.EndTxn:
                break;
            // Nothing is open that could be aborted, or the abort itself is refused.
            case TransactionVerdict.Abort when State is TransactionState.Initializing or TransactionState.Aborting:
                Fail(TransactionErrors.From(code, TransactionVerdict.NewProducer, _id, what, options, _isVersion2));
                break;
            default:
                // Of what it was not told by its own clock it must be taken that another producer has begun.
                _mayRenew = verdict == TransactionVerdict.NewProducer
                    || (code is ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch && !_isVersion2 && now - _openedAt >= options.TransactionTimeout);
                Fail(TransactionErrors.From(code, verdict, _id, what, options, _isVersion2));
                break;
        }
    }

    void Retry(string problem, Instant now)
    {
        _lastProblem = problem;
        _failures++;
        _notBefore = now + backoff.After(_failures, random);
    }

    /// <summary>The error that decides: one that cannot pass before one that can, and what was not attempted for want of the others last.</summary>
    static ErrorCode Worst(IEnumerable<ErrorCode> codes)
    {
        var worst = ErrorCode.None;
        foreach (var code in codes)
        {
            if (Weight(code) > Weight(worst))
                worst = code;
        }
        return worst;

        static int Weight(ErrorCode code) => code switch
        {
            ErrorCode.None => 0,
            ErrorCode.OperationNotAttempted => 1,
            _ => code.IsRetriable() ? 2 : 3,
        };
    }
}
