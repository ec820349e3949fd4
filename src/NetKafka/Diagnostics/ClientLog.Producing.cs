using Microsoft.Extensions.Logging;

namespace NetKafka.Diagnostics;

static partial class ClientLog
{
    [LoggerMessage(300, LogLevel.Warning, "{Count} records for {Partition} were not delivered ({Fate}): {Reason}")]
    public static partial void RecordsFailed(ILogger logger, int count, string partition, RecordFate fate, string reason);

    [LoggerMessage(301, LogLevel.Debug, "A batch for {Partition} is sent again, attempt {Attempt} failed: {Reason}")]
    public static partial void BatchRetried(ILogger logger, string partition, int attempt, string reason);

    [LoggerMessage(302, LogLevel.Debug, "The producer has the id {ProducerId}, epoch {Epoch}")]
    public static partial void ProducerIdKnown(ILogger logger, long producerId, short epoch);

    [LoggerMessage(303, LogLevel.Information, "The sequence of {Partition} begins anew under epoch {Epoch}, since a batch is missing from it")]
    public static partial void SequenceRestarted(ILogger logger, string partition, short epoch);

    [LoggerMessage(304, LogLevel.Information, "A batch of {Count} records for {Partition} was too large for the broker and was split in two")]
    public static partial void BatchSplit(ILogger logger, int count, string partition);

    [LoggerMessage(305, LogLevel.Warning, "A transaction of {TransactionalId} has failed: {Reason}")]
    public static partial void TransactionFailed(ILogger logger, string transactionalId, string reason);
}
