using Microsoft.Extensions.Logging;
using NetKafka.Consuming;

namespace NetKafka.Diagnostics;

static partial class ClientLog
{
    [LoggerMessage(400, LogLevel.Warning, "Fetching failed: {Failure}")]
    public static partial void FetchFailed(ILogger logger, string failure);

    [LoggerMessage(414, LogLevel.Debug, "Fetching failed again: {Failure}")]
    public static partial void FetchFailedAgain(ILogger logger, string failure);

    [LoggerMessage(401, LogLevel.Information, "Group {Group}: joining as {Member}: {Reason}")]
    public static partial void Joining(ILogger logger, string group, string member, string reason);

    [LoggerMessage(402, LogLevel.Information, "Group {Group}: generation {Generation} gives this member {Partitions}")]
    public static partial void Assigned(ILogger logger, string group, int generation, string partitions);

    [LoggerMessage(403, LogLevel.Information, "Group {Group}: giving up {Partitions}")]
    public static partial void Revoked(ILogger logger, string group, string partitions);

    [LoggerMessage(404, LogLevel.Warning, "Group {Group}: lost {Partitions}: {Reason}")]
    public static partial void Lost(ILogger logger, string group, string partitions, string reason);

    [LoggerMessage(405, LogLevel.Warning, "Group {Group}: {Problem}")]
    public static partial void GroupProblem(ILogger logger, string group, string problem);

    [LoggerMessage(406, LogLevel.Information, "{Partition}: {Reason}; going to {Reset} ({Setting})")]
    public static partial void PositionReset(ILogger logger, string partition, string reason, string reset, string setting);

    [LoggerMessage(407, LogLevel.Warning, "Group {Group}: committing failed: {Problem}")]
    public static partial void CommitFailed(ILogger logger, string group, string problem);

    [LoggerMessage(408, LogLevel.Warning, "{Partition}: {Problem}")]
    public static partial void PartitionProblem(ILogger logger, string partition, string problem);

    [LoggerMessage(409, LogLevel.Error, "A consumer ended on a defect of its own; dispose it and create another, and report this")]
    public static partial void ConsumerFaulted(ILogger logger, Exception error);

    [LoggerMessage(410, LogLevel.Warning, "Topic {Topic} does not exist; it is read once it does")]
    public static partial void TopicMissing(ILogger logger, string topic);

    [LoggerMessage(411, LogLevel.Warning, "{Partition}: the record at offset {Offset} cannot be read, and was skipped (OnUnreadableRecord): {Problem}")]
    public static partial void UnreadableSkipped(ILogger logger, string partition, long offset, string problem);

    [LoggerMessage(412, LogLevel.Warning, "{Partition}: the handler of offset {Offset} threw, and the record was skipped (OnError): {Problem}")]
    public static partial void FailedSkipped(ILogger logger, string partition, long offset, string problem);

    [LoggerMessage(413, LogLevel.Warning, "A consumer's interceptor threw; what it was told of goes on without it")]
    public static partial void InterceptorFailed(ILogger logger, Exception error);
}
