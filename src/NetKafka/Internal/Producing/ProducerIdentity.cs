using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The producer id and epoch: asked for when it is first needed, raised by one where a partition must begin its sequences
/// anew (KIP-360), and replaced by another id when the epochs of one are used up. With a transactional id both come from its
/// coordinator, and the transactions decide about them.
/// </summary>
sealed class ProducerIdentity(ICluster cluster, ProducerOptions options, Backoff backoff, RandomSource random, Action wake)
{
    bool _isAsking;
    int _failures;
    Instant _notBefore = Instant.Start;

    /// <summary>Who writes now; nobody until there is an answer.</summary>
    public ProducerStamp Current { get; private set; } = ProducerStamp.None;

    /// <summary>Whether somebody has something to send that needs an id.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Why there is none yet, as a sentence without its full stop.</summary>
    public string? LastProblem { get; private set; }

    /// <summary>Set by an answer that another try will not change; cleared by who acts on it.</summary>
    public ErrorCode Refusal { get; private set; }

    /// <summary>Set by an answer that brought an id; cleared by who acts on it.</summary>
    public bool HasNews { get; set; }

    /// <summary>Asks, if an id is wanted and it is time to.</summary>
    public Instant Poll(Instant now)
    {
        if (!IsWanted || !Current.IsNone || _isAsking || options.TransactionalId is not null)
            return Instant.Never;
        if (_notBefore > now)
            return _notBefore;
        _isAsking = true;
        var request = new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = int.MaxValue };
        cluster.Send(
            new Exchange<InitProducerIdRequest, InitProducerIdResponse>(request, OnOutcome)
            {
                Timeout = options.RequestTimeout!.Value,
                Deadline = now + options.RequestTimeout.Value,
            },
            RequestTarget.AnyBroker, LaneKey.Control);
        return Instant.Never;
    }

    /// <summary>The coordinator of the transactional id has given these.</summary>
    public void Set(ProducerStamp stamp)
    {
        if (stamp.IsNone || stamp == Current)
            return;
        (Current, HasNews) = (stamp, true);
    }

    /// <summary>Those who wanted the id have been told; the next one who does asks again.</summary>
    public void ClearRefusal() => (Refusal, IsWanted) = (ErrorCode.None, false);

    /// <summary>Raises the epoch. After the last one there is no id until another is given.</summary>
    public void Advance() =>
        Current = Current.Epoch == short.MaxValue ? ProducerStamp.None : Current with { Epoch = (short)(Current.Epoch + 1) };

    /// <summary>Gives the id up, since brokers refuse it.</summary>
    public void Renew(ProducerStamp refused)
    {
        if (Current == refused)
            Current = ProducerStamp.None;
    }

    void OnOutcome(Outcome<InitProducerIdResponse> outcome)
    {
        _isAsking = false;
#if NETKAFKA_CHECKED
        _isAsking = Planted.Has(Bug.ProducerIdIsAskedForOnce);
#endif
        wake();
        if (outcome is { HasResponse: true, Response: { ErrorCode: ErrorCode.None, ProducerId: >= 0 } answer })
        {
            Current = new ProducerStamp(answer.ProducerId, answer.ProducerEpoch);
            (_failures, LastProblem, HasNews) = (0, null, true);
            return;
        }
        _failures++;
        _notBefore = outcome.Now + backoff.After(_failures, random);
        if (!outcome.HasResponse)
        {
            LastProblem = $"no producer id could be had: {outcome.Failure.Detail}";
            if (outcome.Failure.Reason == RequestFailureReason.UnsupportedVersion)
                Refusal = ErrorCode.UnsupportedVersion;
            return;
        }
        var code = outcome.Response.ErrorCode;
        LastProblem = $"the brokers gave no producer id: {code.KafkaName()}";
        if (!code.IsRetriable())
            Refusal = code;
    }
}
