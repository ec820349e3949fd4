using NetKafka.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads transactions and producers from answers.</summary>
static class TransactionDescriptions
{
    public static TransactionState StateOf(string text) => Enum.TryParse<TransactionState>(text, ignoreCase: true, out var state) ? state : TransactionState.Unknown;

    public static TransactionListing From(ListTransactionsResponse.TransactionStateData row) => new(row.TransactionalId, row.ProducerId, StateOf(row.TransactionState));

    public static TransactionDescription From(DescribeTransactionsResponse.TransactionStateData row, BrokerNode? coordinator) =>
        new(row.TransactionalId, StateOf(row.TransactionState), row.ProducerId, row.ProducerEpoch)
        {
            Coordinator = coordinator,
            Timeout = TimeSpan.FromMilliseconds(row.TransactionTimeoutMs),
            // Coordinators remember when the last one began.
            StartTime = IsOpen(StateOf(row.TransactionState)) ? TimeOf(row.TransactionStartTimeMs) : null,
            Partitions = [.. row.Topics.SelectMany(static topic => topic.Partitions, static (topic, partition) => new TopicPartition(topic.Topic, partition)).Order()],
        };

    public static ProducerState From(DescribeProducersResponse.ProducerState row) => new(row.ProducerId, (short)row.ProducerEpoch, row.LastSequence)
    {
        LastTimestamp = TimeOf(row.LastTimestamp),
        CoordinatorEpoch = row.CoordinatorEpoch < 0 ? null : row.CoordinatorEpoch,
        TransactionStartOffset = row.CurrentTxnStartOffset < 0 ? null : row.CurrentTxnStartOffset,
    };

    static bool IsOpen(TransactionState state) =>
        state is TransactionState.Ongoing or TransactionState.PrepareCommit or TransactionState.PrepareAbort or TransactionState.PrepareEpochFence;

    static DateTimeOffset? TimeOf(long milliseconds) => milliseconds < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
