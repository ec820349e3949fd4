using NetKafka.Internal.Connections;
using NetKafka.Protocol;

namespace NetKafka.Internal.Cluster;

/// <summary>Turns what brokers and connections report into the exceptions that users see, in one place for all features.</summary>
static class KafkaErrors
{
    /// <summary>A request that has no answer.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="what">What the user wanted, as in "The topics could not be created".</param>
    /// <param name="attempts">How often it was tried.</param>
    public static KafkaException From(RequestFailure failure, string what, int attempts = 0)
    {
        var message = $"{what}: {failure.Detail}.";
        var broker = failure.Broker.Length > 0 ? failure.Broker : null;
        switch (failure.Reason)
        {
            case RequestFailureReason.Refused when failure.Error.IsAuthorization():
                return new KafkaAuthorizationException(message) { Code = failure.Error, Attempts = attempts };
            case RequestFailureReason.Refused:
                return new KafkaException(message, failure.Cause) { Code = failure.Error, Attempts = attempts };
            case RequestFailureReason.UnsupportedVersion or RequestFailureReason.Malformed or RequestFailureReason.Unwritable:
                return new KafkaProtocolException(message, failure.Cause)
                {
                    Code = failure.Reason == RequestFailureReason.UnsupportedVersion ? ErrorCode.UnsupportedVersion : ErrorCode.None,
                    Broker = broker,
                    Attempts = attempts,
                };
            case RequestFailureReason.Expired:
                return new KafkaTimeoutException(message, "connection to a broker", failure.Cause) { Broker = broker, Attempts = attempts, IsRetriable = true };
            case RequestFailureReason.TimedOut:
                return new KafkaTimeoutException(message, "answer of the broker", failure.Cause) { Broker = broker, Attempts = attempts, IsRetriable = true };
            default:
                return new KafkaConnectionException(message, failure.Cause)
                {
                    Broker = broker,
                    Attempts = attempts,
                    IsRetriable = failure.IsRetriable,
                    IsFatal = failure.Reason == RequestFailureReason.Closed,
                };
        }
    }

    /// <summary>An error that a broker answered with.</summary>
    /// <param name="error">Kafka's error.</param>
    /// <param name="detail">The broker's own words, if it gave any.</param>
    /// <param name="what">What the user wanted, as in "Topic 'payments' could not be created".</param>
    public static KafkaException From(ErrorCode error, string? detail, string what)
    {
        var words = string.IsNullOrEmpty(detail) ? "" : $" ({detail})";
        var message = $"{what}: {error.KafkaName()}{words}.";
        return error.IsAuthorization()
            ? new KafkaAuthorizationException(message) { Code = error }
            : new KafkaException(message) { Code = error, IsRetriable = error.IsRetriable() };
    }
}
