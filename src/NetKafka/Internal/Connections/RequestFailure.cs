using NetKafka.Protocol;

namespace NetKafka.Internal.Connections;

/// <summary>A request without an answer: why, where, and whether the broker may have acted on it.</summary>
/// <param name="Reason">Why there is no answer.</param>
/// <param name="Broker">The broker as people read it: "localhost:9092 (node 1)".</param>
/// <param name="Detail">What happened, as a sentence.</param>
/// <param name="Cause">The exception behind it, if there was one.</param>
/// <param name="Error">Kafka's error where the failure carries one (<see cref="RequestFailureReason.Refused"/>).</param>
sealed record RequestFailure(
    RequestFailureReason Reason, string Broker, string Detail, Exception? Cause = null, ErrorCode Error = ErrorCode.None)
{
    /// <summary>Whether the broker may have acted on the request: unknown is not failed.</summary>
    public bool MayHaveHappened { get; init; } =
        Reason is RequestFailureReason.Lost or RequestFailureReason.TimedOut or RequestFailureReason.Malformed;

    /// <summary>Whether another try, after a pause, may succeed.</summary>
    public bool IsRetriable => Reason is RequestFailureReason.NotSent or RequestFailureReason.Lost or RequestFailureReason.TimedOut
        or RequestFailureReason.Malformed;
}
