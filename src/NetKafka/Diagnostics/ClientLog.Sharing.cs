using Microsoft.Extensions.Logging;

namespace NetKafka.Diagnostics;

static partial class ClientLog
{
    [LoggerMessage(430, LogLevel.Information, "Share group {Group} is set to begin at {Reset}, isolation {Isolation}, locks of {Lock}")]
    public static partial void ShareGroup(ILogger logger, string group, string? reset, string? isolation, TimeSpan? @lock);

    [LoggerMessage(431, LogLevel.Warning, "Share group {Group}: {Count} acknowledgements of {Partition} do not count, and their records may come again: {Problem}")]
    public static partial void NotAcknowledged(ILogger logger, string group, int count, string partition, string problem);

    [LoggerMessage(432, LogLevel.Warning, "Share group {Group}: {Problem}")]
    public static partial void ShareProblem(ILogger logger, string group, string problem);

    [LoggerMessage(433, LogLevel.Warning, "{Partition}: the record at offset {Offset} cannot be read; OnUnreadableRecord said {Type}: {Problem}")]
    public static partial void UnreadableAcknowledged(ILogger logger, string partition, long offset, Consuming.AcknowledgeType type, string problem);

    [LoggerMessage(434, LogLevel.Warning, "{Partition}: the handler of offset {Offset} threw, and the record was acknowledged by {Type}: {Problem}")]
    public static partial void FailedAcknowledged(ILogger logger, string partition, long offset, Consuming.AcknowledgeType type, string problem);
}
