using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Transactions;
using Request = NetKafka.Protocol.Messages.AddPartitionsToTxnRequest;
using Response = NetKafka.Protocol.Messages.AddPartitionsToTxnResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// AddPartitionsToTxn, every version: up to 3 of one transaction, as producers send it; from 4 on of many, with a check alone, as
/// brokers do.
/// </summary>
sealed class AddPartitionsToTxnHandler : ApiHandler<Request, Response>
{
    const short FencedSince = 2;
    const short ManySince = 4;
    const short KnowsAbortableSince = 5;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => call.Version >= ManySince
        ? new Response { ErrorCode = error, ThrottleTimeMs = call.ThrottleMs }
        : RespondToOne(call, (_, _) => TransactionErrors.For(call.Version, FencedSince, error));

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        if (call.Version >= ManySince)
        {
            call.Answer(new Response
            {
                ThrottleTimeMs = call.ThrottleMs, ResultsByTransaction = [.. call.Request.Transactions.Select(one => HandleOne(call, one, nowMs))],
            });
            return;
        }

        var request = call.Request;
        var add = Prepare(
            call, request.V3AndBelowTransactionalId, new ProducerIdentity(request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch),
            request.V3AndBelowTopics, verifies: false, nowMs);
        call.Answer(RespondToOne(call, (topic, partition) => TransactionErrors.For(call.Version, FencedSince, add(topic, partition))));
    }

    static Response.AddPartitionsToTxnResult HandleOne(Call<Request, Response> call, Request.AddPartitionsToTxnTransaction one, long nowMs)
    {
        var add = Prepare(call, one.TransactionalId, new ProducerIdentity(one.ProducerId, one.ProducerEpoch), one.Topics, one.VerifyOnly, nowMs);
        return new Response.AddPartitionsToTxnResult { TransactionalId = one.TransactionalId, TopicResults = Results(one.Topics, add) };
    }

    /// <summary>Adds all partitions or none, as a broker does, and tells what is to be said of each.</summary>
    static Func<string, int, ErrorCode> Prepare(
        Call<Request, Response> call, string transactionalId, ProducerIdentity producer, Request.AddPartitionsToTxnTopic[] topics, bool verifies, long nowMs)
    {
        var transactions = call.Cluster.Transactions;
        var error = transactions.CheckBroker(transactionalId, call.Broker);
        if (error != ErrorCode.None)
            return (_, _) => error;
        var partitions = topics.SelectMany(static topic => topic.Partitions.Select(partition => (topic.Name, partition))).ToArray();
        if (Array.Exists(partitions, item => !IsKnown(call, item.Name, item.partition)))
            return (topic, partition) => IsKnown(call, topic, partition) ? ErrorCode.OperationNotAttempted : ErrorCode.UnknownTopicOrPartition;
        error = verifies ? transactions.Check(transactionalId, producer) : transactions.AddPartitions(transactionalId, producer, partitions, nowMs);
        if (error != ErrorCode.None || !verifies)
            return (_, _) => error;
        var entry = transactions.Find(transactionalId)!;
        return (topic, partition) => entry.Has(topic, partition) ? ErrorCode.None
            : call.Version >= KnowsAbortableSince ? ErrorCode.TransactionAbortable : ErrorCode.InvalidTxnState;
    }

    static bool IsKnown(Call<Request, Response> call, string topic, int partition) => call.Cluster.FindTopic(topic)?.Find(partition) is not null;

    static Response RespondToOne(Call<Request, Response> call, Func<string, int, ErrorCode> errorOf) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ResultsByTopicV3AndBelow = Results(call.Request.V3AndBelowTopics, errorOf) };

    static Response.AddPartitionsToTxnTopicResult[] Results(Request.AddPartitionsToTxnTopic[] topics, Func<string, int, ErrorCode> errorOf) =>
    [
        .. topics.Select(topic => new Response.AddPartitionsToTxnTopicResult
        {
            Name = topic.Name,
            ResultsByPartition = [.. topic.Partitions.Select(partition => new Response.AddPartitionsToTxnPartitionResult
            {
                PartitionIndex = partition, PartitionErrorCode = errorOf(topic.Name, partition),
            })],
        }),
    ];
}
