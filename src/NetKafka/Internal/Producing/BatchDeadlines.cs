using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// Ends batches whose time is over, wherever they are: still filling, waiting, in a request that was not written yet, or
/// under way, where the callers are told and the buffer stays until the request has its outcome.
/// </summary>
sealed class BatchDeadlines(
    ProducerOptions options, Accumulator accumulator, BatchSender sender, BatchOutcomes outcomes, ProducerIdentity identity, BatchEndings endings)
{
    // A caller that copies a large record is done within microseconds; the batch is looked at again after this.
    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(1);

    /// <summary>Ends what has passed its delivery timeout.</summary>
    /// <returns>The next deadline.</returns>
    public Instant Poll(Instant now)
    {
        while (accumulator.Incomplete.First is { } batch)
        {
            var deadline = batch.CreatedAt + options.DeliveryTimeout;
            if (deadline > now)
                return deadline;
            if (!TryEnd(batch, $"it was not delivered within {Seconds(options.DeliveryTimeout)} (DeliveryTimeout); {WhyNot(batch)}", batch.LastCode, now))
                return now + RetryAfter;
        }
        return Instant.Never;
    }

    /// <summary>Ends every batch that was never sent: nothing that it waits for will come.</summary>
    public void EndUnsent(string detail, ErrorCode code, Instant now) => EndUnsent(long.MaxValue, detail, code, now);

    /// <summary>Ends the batches up to one that were never sent.</summary>
    /// <returns>False where a caller is at work on one; ask again.</returns>
    public bool EndUnsent(long upTo, string detail, ErrorCode code, Instant now)
    {
        var isAll = true;
        foreach (var batch in accumulator.Incomplete.ToList())
        {
            if (!batch.IsTaken && batch.Ordinal <= upTo)
                isAll &= TryEnd(batch, detail, code, now);
        }
        return isAll;
    }

    /// <summary>Ends every batch that is not on the wire: what was never sent, and what waits to be sent again.</summary>
    /// <returns>False where a caller is at work on one; ask again.</returns>
    public bool EndIdle(string detail, ErrorCode code, bool isRetriable, Instant now)
    {
        var isAll = true;
        foreach (var batch in accumulator.Incomplete.ToList())
        {
            if (batch.Exchange is not { IsWritten: true })
                isAll &= TryEnd(batch, detail, code, now, isRetriable);
        }
        return isAll;
    }

    /// <summary>Ends every batch.</summary>
    /// <returns>False where a caller is at work on one; ask again.</returns>
    public bool EndAll(string detail, Instant now)
    {
        var isAll = true;
        foreach (var batch in accumulator.Incomplete.ToList())
            isAll &= TryEnd(batch, detail, batch.LastCode, now);
        return isAll;
    }

    bool TryEnd(ProduceBatch batch, string detail, ErrorCode code, Instant now, bool isRetriable = true)
    {
        var queue = batch.Queue;
        if (!batch.IsTaken)
        {
            lock (queue.Gate)
            {
                if (!queue.TryRemove(batch))
                    return false;
            }
        }
        else if (batch.Exchange is { IsWritten: true })
        {
            batch.MaybeWritten = true;
            endings.FailedOnWire(batch, BatchOutcomes.FailureOf(batch, detail, code));
            return true;
        }
        else if (batch.Exchange is { } exchange)
        {
            TakeBack(exchange, batch, now);
        }
        outcomes.GiveUp(batch, detail, code, null, isRetriable: isRetriable);
        sender.MakeReady(queue, now);
        return true;
    }

    /// <summary>The request still waits for its connection: the batch leaves it, and an empty request is not sent.</summary>
    void TakeBack(ProduceExchange exchange, ProduceBatch batch, Instant now)
    {
        exchange.Remove(batch);
        if (--batch.Queue.OnWire == 0)
            batch.Queue.WireBroker = -1;
        if (exchange.Count > 0)
            return;
        exchange.Abandon();
        sender.OnRequestEnded(exchange.Broker, now);
    }

    string WhyNot(ProduceBatch batch)
    {
        if (batch.LastProblem is { } problem)
            return $"the last of {batch.Attempts} attempts: {problem}";
        if (batch.Exchange is not null)
            return batch.Exchange.IsWritten ? "no answer came" : "no connection to the leader was ready";
        return batch.Queue.Place switch
        {
            QueuePlace.Leaderless => "the partition had no leader",
            QueuePlace.Transaction => "its partition was not yet in the transaction",
            QueuePlace.ProducerId => identity.LastProblem ?? "no producer id came",
            _ => "batches before it had not been answered",
        };
    }

    static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";
}
