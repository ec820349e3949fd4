using Microsoft.Extensions.Logging;

namespace NetKafka.Diagnostics;

/// <summary>
/// The client's log lines, with their event ids: 1xx connections, 2xx the cluster, 3xx producers, 4xx consumers, 5xx admin,
/// 9xx the client itself. No line ever holds a key or a value of a record.
/// </summary>
static partial class ClientLog
{
    [LoggerMessage(100, LogLevel.Debug, "Connected to {Broker}")]
    public static partial void Connected(ILogger logger, string broker);

    [LoggerMessage(101, LogLevel.Warning, "Connection to {Broker} ended: {Reason}")]
    public static partial void ConnectionBroken(ILogger logger, string broker, string reason);

    [LoggerMessage(102, LogLevel.Debug, "Connection to {Broker} was closed as planned")]
    public static partial void ConnectionClosed(ILogger logger, string broker);

    [LoggerMessage(103, LogLevel.Debug, "{Broker} asks to be left alone for {ThrottleMs} ms (quota)")]
    public static partial void Throttled(ILogger logger, string broker, double throttleMs);

    [LoggerMessage(200, LogLevel.Warning, "The {Brokers} brokers that were known are not asked any more; the bootstrap list is where the client begins again")]
    public static partial void Rebootstrapping(ILogger logger, int brokers);

    [LoggerMessage(900, LogLevel.Error, "User code that was called back threw")]
    public static partial void CallbackFailed(ILogger logger, Exception error);

    [LoggerMessage(901, LogLevel.Critical, "The client ended on a defect of its own; dispose it and create another, and report this")]
    public static partial void ClientFaulted(ILogger logger, Exception error);
}
