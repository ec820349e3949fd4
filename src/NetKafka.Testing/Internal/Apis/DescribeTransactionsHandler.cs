using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeTransactions, every version: the transactions of ids that this broker coordinates.</summary>
sealed class DescribeTransactionsHandler : ApiHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    internal override DescribeTransactionsResponse Fail(Call<DescribeTransactionsRequest, DescribeTransactionsResponse> call, ErrorCode error) =>
        Respond(call, id => Failed(id, error));

    protected override void Handle(Call<DescribeTransactionsRequest, DescribeTransactionsResponse> call, long nowMs) =>
        call.Answer(Respond(call, id => Describe(call, id)));

    static DescribeTransactionsResponse.TransactionStateData Describe(Call<DescribeTransactionsRequest, DescribeTransactionsResponse> call, string id)
    {
        var transactions = call.Cluster.Transactions;
        var error = transactions.CheckBroker(id, call.Broker);
        if (error != ErrorCode.None)
            return Failed(id, error);
        if (transactions.Find(id) is not { } entry)
            return Failed(id, ErrorCode.TransactionalIdNotFound);
        return new()
        {
            TransactionalId = id,
            TransactionState = entry.State.ToString(),
            ProducerId = entry.ProducerId,
            ProducerEpoch = entry.Epoch,
            TransactionTimeoutMs = entry.TimeoutMs,
            TransactionStartTimeMs = entry.StartMs,
            Topics = [.. entry.Partitions.Where(static topic => topic.Value.Count > 0).Select(static topic => new DescribeTransactionsResponse.TopicData
            {
                Topic = topic.Key, Partitions = [.. topic.Value],
            })],
        };
    }

    static DescribeTransactionsResponse.TransactionStateData Failed(string id, ErrorCode error) => new() { TransactionalId = id, ErrorCode = error };

    static DescribeTransactionsResponse Respond(
        Call<DescribeTransactionsRequest, DescribeTransactionsResponse> call, Func<string, DescribeTransactionsResponse.TransactionStateData> describe) => new()
    {
        ThrottleTimeMs = call.ThrottleMs, TransactionStates = [.. call.Request.TransactionalIds.Select(describe)],
    };
}
