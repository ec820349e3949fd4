using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing.Transactions;

/// <summary>What an error of a coordinator means for a transaction, and how it is told (KIP-691, KIP-1050).</summary>
static class TransactionErrors
{
    /// <param name="code">The error.</param>
    /// <param name="isVersion2">Whether the transaction follows transaction.version 2.</param>
    /// <param name="isOfItsCoordinator">
    /// Whether the transaction's own coordinator says so. On version 2 a coordinator that aborts a transaction for its time raises the epoch,
    /// so others cannot tell that from a fence; the coordinator's answer to the abort does.
    /// </param>
    public static TransactionVerdict Judge(ErrorCode code, bool isVersion2, bool isOfItsCoordinator) => code switch
    {
#if NETKAFKA_CHECKED
        ErrorCode.ConcurrentTransactions when Planted.Has(Bug.ConcurrentTransactionsEndTheProducer) => TransactionVerdict.Over,
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch when Planted.Has(Bug.FenceIsTriedAgain) => TransactionVerdict.Retry,
        ErrorCode.NotCoordinator when Planted.Has(Bug.TransactionCoordinatorIsKept) => TransactionVerdict.Retry,
#endif
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch when isVersion2 && !isOfItsCoordinator => TransactionVerdict.Abort,
        ErrorCode.None => TransactionVerdict.Done,
        ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable => TransactionVerdict.FindCoordinator,
        // An end that is asked for again is answered as the first time, so that what the coordinator could not tell is asked again.
        ErrorCode.UnknownServerError => TransactionVerdict.Retry,
        ErrorCode.TransactionAbortable => TransactionVerdict.Abort,
        ErrorCode.InvalidTxnState => isVersion2 ? TransactionVerdict.Abort : TransactionVerdict.Over,
        ErrorCode.InvalidProducerIdMapping => TransactionVerdict.NewProducer,
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch => TransactionVerdict.Over,
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId
            or ErrorCode.RebalanceInProgress or ErrorCode.FencedInstanceId or ErrorCode.FencedMemberEpoch or ErrorCode.StaleMemberEpoch or ErrorCode.OffsetMetadataTooLarge
            or ErrorCode.InvalidCommitOffsetSize or ErrorCode.OperationNotAttempted => TransactionVerdict.Abort,
        _ => code.IsRetriable() ? TransactionVerdict.Retry : TransactionVerdict.Over,
    };

    /// <summary>An error that ends a transaction, or its producer.</summary>
    public static TransactionException From(ErrorCode code, TransactionVerdict verdict, string id, string what, ProducerOptions options, bool isVersion2)
    {
        var (remedy, next) = verdict switch
        {
            TransactionVerdict.Abort => (TransactionRemedy.Abort, "Abort the transaction, and do its work again"),
            TransactionVerdict.NewProducer => (TransactionRemedy.NewProducer, "Dispose this producer and create another"),
            _ => (TransactionRemedy.None, "This producer is over"),
        };
        var why = Explain(code, verdict, id, options, isVersion2);
        return new TransactionException($"{what} of transactional id '{id}': {code.KafkaName()}. {why}{next}.", remedy)
        {
            Code = code, IsFatal = remedy != TransactionRemedy.Abort,
        };
    }

    /// <summary>A request that cannot be answered by this cluster.</summary>
    public static TransactionException From(RequestFailure failure, string id, string what, string? since)
    {
        var cause = KafkaErrors.From(failure, $"{what} of transactional id '{id}'");
        var help = failure.Reason == RequestFailureReason.UnsupportedVersion && since is not null ? $" Brokers know this from Kafka {since} on." : "";
        return new TransactionException($"{cause.Message}{help} This producer is over.", TransactionRemedy.None, cause) { Code = cause.Code, IsFatal = true, Broker = cause.Broker };
    }

    static string Explain(ErrorCode code, TransactionVerdict verdict, string id, ProducerOptions options, bool isVersion2) => code switch
    {
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch when verdict == TransactionVerdict.Abort =>
            $"Another producer with TransactionalId '{id}' has begun after this one, or the transaction took longer than TransactionTimeout "
            + $"({options.TransactionTimeout.TotalSeconds:0.###} s) and was aborted: its abort tells which. ",
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch when isVersion2 =>
            $"Another producer with TransactionalId '{id}' has begun after this one. ",
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch =>
            $"Another producer with TransactionalId '{id}' has begun after this one, or the transaction took longer than TransactionTimeout "
            + $"({options.TransactionTimeout.TotalSeconds:0.###} s) and was aborted: brokers of this version do not tell one from the other. ",
        ErrorCode.InvalidTxnState => $"The transaction is over for its coordinator: it may have taken longer than TransactionTimeout ({options.TransactionTimeout.TotalSeconds:0.###} s). ",
        ErrorCode.InvalidProducerIdMapping => "The coordinator has forgotten the producer, which was idle for longer than transactional.id.expiration.ms of the brokers. ",
        ErrorCode.InvalidTransactionTimeout => $"TransactionTimeout ({options.TransactionTimeout.TotalSeconds:0.###} s) is above transaction.max.timeout.ms of the brokers. ",
        ErrorCode.TransactionalIdAuthorizationFailed => $"The client's principal needs the WRITE permission on transactional id '{id}'. ",
        ErrorCode.TopicAuthorizationFailed => "The client's principal needs the WRITE permission on the topics that it produces to, and READ on those whose offsets it sends. ",
        ErrorCode.GroupAuthorizationFailed => "The client's principal needs the READ permission on the group. ",
        ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId or ErrorCode.FencedMemberEpoch or ErrorCode.StaleMemberEpoch =>
            "The group has gone on without the consumer whose offsets these are. ",
        _ => "",
    };
}
