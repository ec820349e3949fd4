using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Connections;

/// <summary>
/// One exchange with one broker. A connection writes it, waits for the answer and reports exactly one outcome: an answer
/// or a failure. Until then a request object is sent once; after an answer, and only then, it may be sent again.
/// </summary>
abstract class BrokerRequest
{
    public abstract ApiKey ApiKey { get; }

    /// <summary>The oldest version that the sender can live with.</summary>
    public abstract short LowestVersion { get; }

    /// <summary>The newest version that the sender can use; at most the newest stable one.</summary>
    public abstract short HighestVersion { get; }

    /// <summary>Request header version that goes with a version of the message.</summary>
    public abstract short RequestHeaderVersion(short version);

    /// <summary>Response header version that goes with a version of the message.</summary>
    public abstract short ResponseHeaderVersion(short version);

    /// <summary>The caller's deadline: a request not written by then fails as expired, one that waits for its answer as timed out.</summary>
    public Instant Deadline { get; set; } = Instant.Never;

    /// <summary>How long the broker may take once the request was written. A broker that takes longer loses its connection.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the broker answers; it does not where a Produce has acks=0.</summary>
    public virtual bool HasAnswer => true;

    /// <summary>
    /// The size up to which an answer is received in one piece, in place. A larger one grows as its bytes arrive, since a
    /// length alone is a broker's word.
    /// </summary>
    public virtual int LargestAnswer => 0;

    /// <summary>The machine that an exception in this request's own code ends; null where it ends the client.</summary>
    public Machine? Owner { get; init; }

    /// <summary>Writes the body; size and header stand before it already.</summary>
    public abstract void Write(SendBuffer buffer, short version);

    /// <summary>Takes the answer. A malformed body may throw; the connection then fails, and this request with it.</summary>
    /// <returns>For how long the broker asks to be left alone (KIP-219); zero where it does not.</returns>
    public abstract TimeSpan OnAnswer(in Answer answer);

    /// <summary>
    /// An answer that nobody waits for any more. A malformed one may throw, as in <see cref="OnAnswer"/>.
    /// </summary>
    /// <returns>For how long the broker asks to be left alone all the same; zero where that is not known.</returns>
    public virtual TimeSpan ThrottleOf(in Answer answer) => TimeSpan.Zero;

    /// <summary>The last byte has left; where no answer comes, this is the outcome.</summary>
    public virtual void OnWritten(Instant now)
    {
    }

    /// <summary>Takes the failure.</summary>
    public abstract void OnFailure(RequestFailure failure, Instant now);

    /// <summary>
    /// The owner has lost interest: an answer is dropped, and the connection stays. What was not written yet is not written.
    /// </summary>
    public void Abandon() => IsAbandoned = true;

    public bool IsAbandoned { get; private set; }

#if NETKAFKA_CHECKED
    bool _hasOutcome;

    /// <summary>It is on its way, again perhaps: an outcome is due.</summary>
    public void Begin() => _hasOutcome = false;

    void EndOnce()
    {
        if (_hasOutcome)
            throw new InvalidOperationException($"A request of {ApiKey} has a second outcome.");
        _hasOutcome = true;
    }
#endif

    /// <summary>Hands over the answer, and keeps a defect in the taker with its owner.</summary>
    public TimeSpan Take(in Answer answer)
    {
        try
        {
#if NETKAFKA_CHECKED
            EndOnce();
#endif
            return OnAnswer(answer);
        }
#if NETKAFKA_CHECKED
        catch (Exception unreadable) when (unreadable is MalformedMessageException or InvalidDataException)
        {
            // It fails with its connection.
            Begin();
            throw;
        }
#endif
        catch (Exception error) when (error is not (MalformedMessageException or InvalidDataException))
        {
            if (Owner?.TakeFault(error) != true)
                throw;
            return TimeSpan.Zero;
        }
    }

    /// <summary>Tells that the last byte has left, and keeps a defect in the taker with its owner.</summary>
    public void EndWrite(Instant now)
    {
        try
        {
#if NETKAFKA_CHECKED
            if (!HasAnswer)
                EndOnce();
#endif
            OnWritten(now);
        }
        catch (Exception error)
        {
            if (Owner?.TakeFault(error) != true)
                throw;
        }
    }

    /// <summary>Hands over the failure, and keeps a defect in the taker with its owner.</summary>
    public void Fail(RequestFailure failure, Instant now)
    {
        try
        {
#if NETKAFKA_CHECKED
            EndOnce();
#endif
            OnFailure(failure, now);
        }
        catch (Exception error)
        {
            if (Owner?.TakeFault(error) != true)
                throw;
        }
    }
}
