using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>The pulse of a member: when the next heartbeat is due, and how long the coordinator has been silent.</summary>
sealed class MemberHeartbeat(ConsumerContext context, Machine owner)
{
    Instant _dueAt = Instant.Never;
    Instant _heardAt = Instant.Start;
    bool _isUnderWay;

    /// <summary>A generation begins: the coordinator has just been heard.</summary>
    public void Begin(Instant now) => (_heardAt, _dueAt) = (now, now + context.Options.HeartbeatInterval);

    public bool IsDue(Instant now) => !_isUnderWay && _dueAt <= now;

    public Instant NextDue(Instant now)
    {
        var due = _isUnderWay ? Instant.Never : _dueAt;
        var silence = _heardAt + context.Options.SessionTimeout;
        return Instant.Earlier(due, silence > now ? silence : Instant.Never);
    }

    /// <summary>Whether the session time has passed without an answer; said once each time it has.</summary>
    public bool TakeSilence(Instant now)
    {
        if (_heardAt + context.Options.SessionTimeout > now)
            return false;
        _heardAt = now;
        return true;
    }

    public void Send(string group, int generation, string memberId, Instant now, Action<Outcome<HeartbeatResponse>> onOutcome)
    {
        _isUnderWay = true;
        _dueAt = now + context.Options.HeartbeatInterval;
        var request = new Exchange<HeartbeatRequest, HeartbeatResponse>(
            version => new HeartbeatRequest
            {
                GroupId = group,
                GenerationId = generation,
                MemberId = memberId,
                GroupInstanceId = version >= 3 ? context.Options.GroupInstanceId : null,
            },
            outcome =>
            {
                _isUnderWay = false;
                if (outcome.HasResponse && outcome.Response.ErrorCode is ErrorCode.None or ErrorCode.RebalanceInProgress)
                    _heardAt = outcome.Now;
                else if (!outcome.HasResponse || outcome.Response.ErrorCode.IsRetriable())
                    _dueAt = Instant.Earlier(_dueAt, outcome.Now + context.RetryBackoff.After(1, context.Random));
                onOutcome(outcome);
            })
        {
            Timeout = context.RequestTimeout, Deadline = now + context.Options.SessionTimeout, Owner = owner,
        };
        context.Cluster.Send(request, RequestTarget.Coordinator(CoordinatorKey.Group(group)), context.GroupLane);
    }
}
