using System.Diagnostics.CodeAnalysis;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// Where the loop, which fetches and acknowledges, and the application meet: what was acquired, in order of arrival, and what the application says
/// of it. One lock, never held while anything is waited for. Its bound is what one fetch of each broker brings: nothing is fetched while
/// something waits.
/// </summary>
/// <param name="signal">Brings the loop to look at what changed here. Called outside of the lock, by the application's thread.</param>
sealed class ShareQueue(Action signal)
{
    readonly Lock _gate = new();
    readonly Queue<AcquiredBatch> _batches = new();
    readonly Queue<Exception> _errors = new();
    readonly List<(TopicPartition Partition, long Offset)> _late = [];
    Exception? _fatal;
    bool _isSignalled;

    /// <summary>Whether the application would find something.</summary>
    public bool HasSomething
    {
        get
        {
            lock (_gate)
                return _errors.Count > 0 || _fatal is not null || _batches.Count > 0;
        }
    }

    public void Add(AcquiredBatch batch)
    {
        lock (_gate)
            _batches.Enqueue(batch);
    }

    /// <summary>Something that the application must know; it is thrown at the next read.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
            _errors.Enqueue(error);
    }

    /// <summary>The consumer is over: every read from now on throws this.</summary>
    public void FailForGood(Exception error)
    {
        lock (_gate)
            _fatal ??= error;
    }

    /// <summary>Takes what was acquired next. Reading thread only.</summary>
    /// <exception cref="Exception">What <see cref="Fail"/> left.</exception>
    public bool TryTake([NotNullWhen(true)] out AcquiredBatch? batch)
    {
        lock (_gate)
        {
            if (_fatal is not null)
                throw _fatal;
            if (_errors.TryDequeue(out var error))
                throw error;
            return _batches.TryDequeue(out batch);
        }
    }

    /// <summary>The application is to be given a record, unless its lock has ended meanwhile: then somebody else is given it.</summary>
    public bool TryGive(AcquiredBatch batch, int index, Instant now)
    {
        lock (_gate)
        {
            var isLocked = batch.LockedUntil > now;
#if NETKAFKA_CHECKED
            isLocked |= Planted.Has(Bug.EndedLockIsNotLookedAt);
#endif
            return isLocked && batch.TryGive(index);
        }
    }

    /// <summary>Says something of a record.</summary>
    /// <returns>False if its last word has been said before. Of one that is not this consumer's any more the loop tells the application.</returns>
    public bool Acknowledge(AcquiredBatch batch, int index, sbyte type)
    {
        var isNews = false;
        lock (_gate)
        {
            if (batch.StageOf(index) == RecordStage.Lost)
            {
                if (type == AcquiredBatch.Gap)
                    return true;
                _late.Add((batch.Partition, batch.OffsetOf(index)));
            }
            else if (!batch.TryWant(index, type))
                return false;
            (isNews, _isSignalled) = (!_isSignalled, true);
        }
        if (isNews)
            signal();
        return true;
    }

    /// <summary>Says the same of records in a row, as far as nothing was said of them.</summary>
    public void Acknowledge(AcquiredBatch batch, int first, int count, sbyte type)
    {
        for (var i = first; i < first + count; i++)
            Acknowledge(batch, i, type);
    }

    /// <summary>The loop looks: whatever is said from now on is news.</summary>
    /// <param name="late">Takes the acknowledgements of records that are not this consumer's any more.</param>
    public void BeginLook(List<(TopicPartition Partition, long Offset)> late)
    {
        lock (_gate)
        {
            _isSignalled = false;
            late.AddRange(_late);
            _late.Clear();
        }
    }

    /// <summary>Takes what is to be said of these, to be sent now.</summary>
    public void Collect(IReadOnlyList<AcquiredBatch> batches, List<SentRange> sent)
    {
        lock (_gate)
        {
            foreach (var batch in batches)
                batch.Collect(sent);
        }
    }

    /// <summary>Reads or changes a batch as it belongs together.</summary>
    public T With<T>(AcquiredBatch batch, Func<AcquiredBatch, T> look)
    {
        lock (_gate)
            return look(batch);
    }

    /// <summary>Acts on what a broker has said of what was sent.</summary>
    public void Settle(in SentRange sent, Verdict verdict, Instant sentAt)
    {
        lock (_gate)
        {
            switch (verdict)
            {
                case Verdict.Accepted:
                    sent.Batch.Accept(sent, sentAt);
                    break;
                case Verdict.SendAgain:
                    sent.Batch.SendAgain(sent);
                    break;
                default:
                    sent.Batch.Refuse(sent, verdict == Verdict.Lost);
                    break;
            }
        }
    }

    /// <summary>Records are not this consumer's any more.</summary>
    /// <returns>The offsets of which the application has said something that is to be sent, or on its way.</returns>
    public long[] Lose(AcquiredBatch batch, int first, int count)
    {
        lock (_gate)
        {
            var lost = new List<int>();
            batch.Lose(first, count, lost);
            return [.. lost.Select(batch.OffsetOf)];
        }
    }

    /// <summary>The application takes too long for a record: its lock is not renewed any more, and what is said of it later is refused.</summary>
    public void GiveUp(AcquiredBatch batch, int index) => Lose(batch, index, 1);

    /// <summary>Gives back what the application was not given. What it has stays its own.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while (_batches.TryDequeue(out var batch))
            {
                batch.Chunk?.Return();
                batch.Chunk = null;
            }
        }
    }
}
