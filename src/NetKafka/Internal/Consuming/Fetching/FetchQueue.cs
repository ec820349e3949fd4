using System.Diagnostics.CodeAnalysis;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// Where the loop, which fetches, and the application, which reads, meet: fetched chunks in order of arrival, and the
/// positions up to which they are done. One lock, taken once a chunk and never while anything is waited for. Its bound is
/// <c>MaxPrefetchBytes</c>: near it nothing is fetched.
/// <para>
/// The story of a revocation: the loop makes the partition's generation grow (so the reader hands out nothing more of it),
/// and waits while <see cref="IsHeld"/>; the reader, asked for the next record, sees the generation, writes down what is
/// finished, lets go and signals; only then is the position committed and the partition given up.
/// </para>
/// </summary>
/// <param name="signal">Brings the loop to look at what changed here. Called outside of the lock, by the reading thread.</param>
sealed partial class FetchQueue(Action signal)
{
    // What a small chunk costs beside its own bytes: it may be all that keeps its buffer.
    const int SmallestCost = 4096;
    const int MaxSpares = 64;

    readonly Lock _gate = new();
    readonly Queue<FetchedChunk> _chunks = new();
    readonly Stack<FetchedChunk> _spares = new();
    readonly Queue<Exception> _errors = new();
    Exception? _fatal;
    long _queuedBytes;
    long _reads;
    bool _wantsRelease;

    // The loop is signalled once a chunk is taken and no more than this is left; nobody waits for less than nothing.
    long _wantedRest = -1;

    /// <summary>How often the application has asked for something. It tells a reader that lives from one that is stuck.</summary>
    public long Reads => Volatile.Read(ref _reads);

    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Whether the reader would find something.</summary>
    public bool HasSomething
    {
        get
        {
            lock (_gate)
                return _errors.Count > 0 || _fatal is not null || (_plan is null ? _chunks.Count > 0 : HasWork(_plan));
        }
    }

    /// <summary>The application asks for something. Reading thread only.</summary>
    public void CountRead() => Volatile.Write(ref _reads, _reads + 1);

    /// <summary>Puts what a fetch brought behind the others, with a share of the buffer that it lies in.</summary>
    /// <param name="owner">The partition.</param>
    /// <param name="lease">The buffer.</param>
    /// <param name="start">Where it begins there.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="aborted">The aborted transactions among it.</param>
    /// <param name="end">The end of the log, if it lies right behind and is to be told; else −1.</param>
    public void Add(AssignedPartition owner, Lease lease, int start, int length, AbortedTransaction[]? aborted, long end = -1)
    {
        lock (_gate)
        {
            if (!_spares.TryPop(out var chunk))
                chunk = new FetchedChunk();
            chunk.Begin(owner, lease, start, length, aborted);
            chunk.End = end;
            Enqueue(chunk);
        }
    }

    /// <summary>The end of the log is reached behind what is queued of a partition.</summary>
    public void AddEnd(AssignedPartition owner, long end)
    {
        lock (_gate)
        {
            if (!_spares.TryPop(out var chunk))
                chunk = new FetchedChunk();
            chunk.BeginEnd(owner, end);
            Enqueue(chunk);
        }
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

    /// <summary>Takes the next chunk into hand. Reading thread only, with nothing in hand.</summary>
    /// <exception cref="Exception">What <see cref="Fail"/> left.</exception>
    public bool TryTake([NotNullWhen(true)] out FetchedChunk? chunk)
    {
        bool isWaitedFor;
        lock (_gate)
        {
            ThrowWhatIsLeft();
            isWaitedFor = TakeOldest(out chunk);
        }
        if (isWaitedFor)
            signal();
        return chunk is not null;
    }

    /// <summary>
    /// Takes the next chunk into hand, beside others: unless one of its partition is, or there is something to be thrown. Reading thread only.
    /// </summary>
    public bool TryTakeMore([NotNullWhen(true)] out FetchedChunk? chunk)
    {
        chunk = null;
        var isWaitedFor = false;
        lock (_gate)
        {
            if (_errors.Count == 0 && _fatal is null && _chunks.TryPeek(out var next) && next.Owner.HeldChunks == 0)
                isWaitedFor = TakeOldest(out chunk);
        }
        if (isWaitedFor)
            signal();
        return chunk is not null;
    }

    /// <summary>Writes down what is finished where the epoch is another than before. Reading thread only.</summary>
    public void Finish(FetchedChunk chunk, long offset, int epoch)
    {
        if (chunk.FinishedEpoch == epoch)
        {
            chunk.Finished = offset;
            return;
        }
        lock (_gate)
            (chunk.Finished, chunk.FinishedEpoch) = (offset, epoch);
    }

    /// <summary>Lets go of the chunk in hand. Reading thread only.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="isToBeFetchedAgain">Whether not all of it was finished, so that the rest must come again.</param>
    /// <returns>Whether the end of the log is reached by it, and to be told.</returns>
    public bool LetGo(FetchedChunk chunk, bool isToBeFetchedAgain)
    {
        bool isWaitedFor, isEnd;
        lock (_gate)
        {
            isEnd = chunk.End >= 0 && !isToBeFetchedAgain && !chunk.IsStale;
            if (isEnd)
                chunk.Owner.EndReached = chunk.End;
            var owner = chunk.Owner;
            if (chunk.IsHeld)
                owner.HeldChunks--;
            if (owner.InHand == chunk)
            {
                owner.InHand = null;
                (owner.Position, owner.PositionEpoch) = chunk.Next;
                if (isToBeFetchedAgain && !chunk.IsStale)
                    DropQueued(owner);
            }
            else
                CloseFeed(chunk);
            isWaitedFor = _wantsRelease || owner.IsRewound;
            _wantsRelease = false;
        }
        Return(chunk);
        if (isWaitedFor)
            signal();
        return isEnd;
    }

    /// <summary>
    /// Whether the application still has something of the partition in hand, or in a transaction; if so, the loop is signalled once it has
    /// not.
    /// </summary>
    public bool IsHeld(AssignedPartition partition)
    {
        lock (_gate)
        {
            var isHeld = partition.HeldChunks > 0 || partition.IsProcessed || IsWorkedOn(partition);
            _wantsRelease |= isHeld;
            return isHeld;
        }
    }

    /// <summary>Whether the loop waits for something that is in hand, or in a transaction.</summary>
    public bool IsReleaseWanted
    {
        get
        {
            lock (_gate)
                return _wantsRelease;
        }
    }

    /// <summary>A transaction takes records of the partition that the reader has in hand.</summary>
    /// <returns>Where the application is in it.</returns>
    public (long Offset, int Epoch) Process(FetchedChunk chunk)
    {
        lock (_gate)
        {
            chunk.Owner.IsProcessed = true;
            return chunk.Next;
        }
    }

    /// <summary>The transaction that has taken records of these partitions has ended.</summary>
    public void EndProcessing(IEnumerable<AssignedPartition> partitions)
    {
        bool isWaitedFor;
        lock (_gate)
        {
            foreach (var partition in partitions)
                partition.IsProcessed = false;
            isWaitedFor = _wantsRelease;
            _wantsRelease = false;
        }
        if (isWaitedFor)
            signal();
    }

    /// <summary>
    /// What was fetched of a partition is not handed out any more; its position stays where the application is.
    /// </summary>
    public void Drop(AssignedPartition partition)
    {
        lock (_gate)
            DropQueued(partition);
    }

    /// <summary>
    /// The log was cut off here. Reading goes back to that, if it has come further; and what the application finishes of the records that
    /// it still has in hand does not lead it past, since others may lie there now.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">Where the log ended.</param>
    /// <param name="epoch">The epoch of what lies before.</param>
    public void Cut(AssignedPartition partition, long offset, int epoch)
    {
        lock (_gate)
        {
            DropQueued(partition);
            partition.Work?.CutOff(offset, epoch);
            if (partition.InHand is { } chunk)
                chunk.Cut = chunk.Cut.Offset < offset ? chunk.Cut : (offset, epoch);
            else if (partition.Position > offset)
                (partition.Position, partition.PositionEpoch) = (offset, epoch);
        }
    }

    /// <summary>Sets the position anew, whatever the application has in hand.</summary>
    public void MoveTo(AssignedPartition partition, long offset, int epoch)
    {
        lock (_gate)
        {
            DropQueued(partition);
            if (partition.Work is { } work)
                _plan?.Restart(work);
            partition.InHand = null;
            (partition.Position, partition.PositionEpoch) = (offset, epoch);
            (partition.EndQueued, partition.EndReached) = (-1, -1);
            partition.IsRewound = false;
        }
    }

    /// <summary>
    /// A broker has said where reading goes on. Where that is further on, what a runner has finished behind it stays so.
    /// </summary>
    public void GoOn(AssignedPartition partition, long offset, int epoch)
    {
        lock (_gate)
        {
            if (partition.Work is not { } work || offset < partition.Position)
            {
                MoveTo(partition, offset, epoch);
                return;
            }
            DropQueued(partition);
            work.GoOn(offset, epoch);
        }
    }

    /// <summary>After a drop: where to fetch from, unless the application still has in hand what decides it.</summary>
    public bool TryRewind(AssignedPartition partition)
    {
        lock (_gate)
        {
            if (partition.InHand is not null || partition.Work is { IsDraining: true })
                return false;
            partition.IsRewound = false;
            partition.EndQueued = partition.EndReached;
            (partition.FetchOffset, partition.FetchEpoch) = (partition.Position, partition.PositionEpoch);
            return true;
        }
    }

    /// <summary>
    /// The first offset that the application has not finished, and the epoch of what lies before it; −1 while unknown.
    /// </summary>
    public (long Offset, int Epoch) PositionOf(AssignedPartition partition)
    {
        lock (_gate)
            return partition.InHand is { } chunk ? chunk.Next : (partition.Position, partition.PositionEpoch);
    }

    /// <summary>Asks to be signalled when the reader has left no more than so many bytes, unless that is so already.</summary>
    /// <returns>Whether there are more.</returns>
    public bool WaitForRest(long bytes)
    {
        lock (_gate)
        {
            if (_queuedBytes <= bytes)
                return false;
            _wantedRest = Math.Max(_wantedRest, bytes);
            return true;
        }
    }

    /// <summary>Asks to be signalled when the reader takes a chunk, unless less than so many bytes of a partition wait already.</summary>
    /// <returns>Whether as many wait.</returns>
    public bool WaitForRoom(AssignedPartition partition, int maxBytes)
    {
        lock (_gate)
        {
            if (partition.QueuedBytes < maxBytes)
                return false;
            _wantedRest = long.MaxValue;
            return true;
        }
    }

    /// <summary>Gives back everything that waits. What is in hand is given back by the reader.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while (_chunks.TryDequeue(out var chunk))
            {
                Unqueue(chunk);
                Return(chunk);
            }
        }
    }

    void DropQueued(AssignedPartition partition)
    {
        partition.Generation++;
        partition.IsRewound = true;
        if (partition.Work is { } work)
            _plan?.LetGo(work);
        if (partition.QueuedChunks == 0)
            return;
        for (var left = _chunks.Count; left > 0; left--)
        {
            var chunk = _chunks.Dequeue();
            if (chunk.Owner != partition)
            {
                _chunks.Enqueue(chunk);
                continue;
            }
            Unqueue(chunk);
            Return(chunk);
        }
    }

    /// <summary>Gives the buffer back, and keeps the chunk for the next fetch: nobody else has it any more.</summary>
    void Return(FetchedChunk chunk)
    {
        if (!chunk.Return())
            return;
        lock (_gate)
        {
            if (_spares.Count < MaxSpares)
                _spares.Push(chunk);
        }
    }

    /// <returns>Whether the loop is to be signalled.</returns>
    bool TakeOldest(out FetchedChunk? chunk)
    {
        if (!_chunks.TryDequeue(out chunk))
            return false;
        Unqueue(chunk);
        var owner = chunk.Owner;
        (chunk.Finished, chunk.FinishedEpoch) = (owner.Position, owner.PositionEpoch);
        owner.InHand = chunk;
        owner.HeldChunks++;
        chunk.IsHeld = true;
        return TakeWantedRest();
    }

    /// <summary>Throws what the application must know, once, or for good.</summary>
    void ThrowWhatIsLeft()
    {
        if (_fatal is not null)
            throw _fatal;
        if (_errors.TryDequeue(out var error))
            throw error;
    }

    /// <returns>Whether so little is left that the loop is to be signalled, which it is once.</returns>
    bool TakeWantedRest()
    {
        if (_queuedBytes > _wantedRest)
            return false;
        _wantedRest = -1;
        return true;
    }

    void Enqueue(FetchedChunk chunk)
    {
        _chunks.Enqueue(chunk);
        _queuedBytes += CostOf(chunk);
        chunk.Owner.QueuedBytes += chunk.Length;
        chunk.Owner.QueuedChunks++;
    }

    void Unqueue(FetchedChunk chunk)
    {
        _queuedBytes -= CostOf(chunk);
        chunk.Owner.QueuedBytes -= chunk.Length;
        chunk.Owner.QueuedChunks--;
    }

    static int CostOf(FetchedChunk chunk) => Math.Max(SmallestCost, chunk.Length);
}
