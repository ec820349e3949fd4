using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// The heartbeats of a member by one of the newer protocols (KIP-848, KIP-932), in what they have in common: one is under way at a time, the next is
/// due after the coordinator's interval, and one that fails is followed by another after a pause, or by none.
/// </summary>
/// <param name="context">What the machines of the consumer share.</param>
/// <param name="coordinator">The group's.</param>
/// <param name="owner">The member.</param>
sealed class HeartbeatTries(MemberContext context, CoordinatorKey coordinator, IHeartbeatOwner owner)
{
    const int ShortestIntervalMs = 50;

    TimeSpan _interval = TimeSpan.Zero;
    Instant _sentAt = Instant.Start;
    Instant _notBefore = Instant.Start;
    KafkaException? _problem;
    bool _isUnderWay;
    int _failures;
    int _attempt;

    /// <summary>Whether the next is to say all that there is to say.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether one is to be sent now.</summary>
    /// <param name="isUrgent">Whether there is more to say than that the member lives.</param>
    /// <param name="now">The time.</param>
    /// <param name="next">When to look again.</param>
    public bool IsDue(bool isUrgent, Instant now, out Instant next)
    {
        next = Instant.Never;
        if (_isUnderWay)
            return false;
        if (_notBefore > now)
            next = _notBefore;
        else if (!isUrgent && !IsFull && _sentAt + _interval > now)
            next = _sentAt + _interval;
        else
            return true;
        return false;
    }

    /// <summary>One is sent.</summary>
    /// <returns>Its number.</returns>
    public int Begin(Instant now)
    {
        (_isUnderWay, IsFull, _sentAt) = (true, false, now);
        return _attempt;
    }

    /// <summary>One has its outcome.</summary>
    /// <returns>Whether that counts.</returns>
    public bool TryEnd(int attempt)
    {
        if (attempt != _attempt)
            return false;
        _isUnderWay = false;
        return true;
    }

    /// <summary>No outcome of what was sent so far counts.</summary>
    public void Forget()
    {
        _attempt++;
        _isUnderWay = false;
    }

    public void Succeed(int intervalMs)
    {
        (_failures, _problem) = (0, null);
        _interval = TimeSpan.FromMilliseconds(Math.Max(ShortestIntervalMs, intervalMs));
    }

    /// <summary>Acts on an error that means the same to every member.</summary>
    public void OnError(ErrorCode error, string? said, int nodeId, Instant now)
    {
        switch (error)
        {
            case ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable:
                context.Cluster.ForgetCoordinator(coordinator, nodeId);
                Retry(error.KafkaName(), now);
                break;
            case ErrorCode.TopicAuthorizationFailed:
                // It may be a topic of several, and it may pass: the application is told once, and the member stays.
                if (_problem?.Code != error)
                    owner.OnProblem(_problem = owner.ErrorOf(error, said));
                Retry(error.KafkaName(), now);
                break;
            default:
                if (error.IsRetriable() || error == ErrorCode.UnknownServerError)
                    Retry(error.KafkaName(), now);
                else
                    owner.Fail(owner.ErrorOf(error, said));
                break;
        }
    }

    public void OnFailure(RequestFailure failure, Instant now)
    {
        switch (failure.Reason)
        {
            case RequestFailureReason.Closed:
                // The client is over: nothing is asked any more.
                _notBefore = Instant.Never;
                break;
            case RequestFailureReason.UnsupportedVersion:
                owner.Fail(owner.TooOld(failure.Detail, failure.Broker));
                break;
            case RequestFailureReason.Refused:
                var message = $"{owner.GroupName}: {failure.Detail}";
                owner.Fail(failure.Error.IsAuthorization()
                    ? new KafkaAuthorizationException(message) { Code = failure.Error, IsFatal = true }
                    : new KafkaException(message) { Code = failure.Error, Broker = failure.Broker, IsFatal = true });
                break;
            default:
                if (failure.Reason == RequestFailureReason.TimedOut)
                    context.Cluster.ForgetCoordinator(coordinator, context.Cluster.CoordinatorOf(coordinator));
                owner.OnUnanswered(failure, now);
                Retry(failure.Detail, now);
                break;
        }
    }

    /// <summary>Asks again after a pause, and says all of it: nobody knows what the coordinator has heard.</summary>
    public void Retry(string problem, Instant now)
    {
        _failures++;
        _notBefore = now + context.RetryBackoff.After(_failures, context.Random);
        IsFull = true;
#if NETKAFKA_CHECKED
        IsFull &= !Planted.Has(Bug.LostHeartbeatIsNotSaidAgain);
#endif
        owner.Wake();
        if (_failures == 1 || _failures % 10 == 0)
            owner.Report($"heartbeat: {problem}; trying again (try {_failures})");
    }

    /// <summary>The beginning of what is said of an error.</summary>
    public string Words(ErrorCode error, string? said)
    {
        var message = $"{owner.GroupName}: {error.KafkaName()}" + (string.IsNullOrEmpty(said) ? "" : $": {said}");
        return message.EndsWith('.') ? message : message + ".";
    }
}
