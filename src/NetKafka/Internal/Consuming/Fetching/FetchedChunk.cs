using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// What one fetch brought of one partition: batches in a row, not looked into yet, and a share of the buffer they lie in.
/// Used again; what the application may hold on to is the <see cref="Source"/>, which is new each time.
/// </summary>
sealed class FetchedChunk
{
    Lease? _lease;
    long _finished;
    int _holders;

    public AssignedPartition Owner { get; private set; } = null!;

    /// <summary>The bytes, as the application sees them.</summary>
    public FetchedSource Source { get; private set; } = null!;

    /// <summary>The owner's when it was fetched; another one now means that it must not be read any more.</summary>
    public int Generation { get; private set; }

    public bool IsStale => Generation != Owner.Generation;

    public AbortedTransaction[]? Aborted { get; private set; }

    /// <summary>Whether the reader has it in hand, and not a runner. Under the gate.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The end of the log, where it lies right behind this chunk and is to be told; −1 otherwise.</summary>
    public long End { get; set; }

    public int Length => Source.Length;

    public ReadOnlySpan<byte> Bytes => Source.Bytes;

    /// <summary>
    /// The first offset that the application has not finished. Written by the reading thread, by itself within the batches of
    /// one epoch, under the gate where the epoch changes; so whoever holds the gate reads both as they belong together.
    /// </summary>
    public long Finished
    {
        get => Volatile.Read(ref _finished);
        set => Volatile.Write(ref _finished, value);
    }

    public int FinishedEpoch { get; set; } = -1;

    /// <summary>Where the log was cut off while this was in hand, and the epoch of what lies before: others lie there now. Under the gate.</summary>
    public (long Offset, int Epoch) Cut { get; set; }

    /// <summary>Where reading goes on after this, and the epoch of what lies before. Under the gate.</summary>
    public (long Offset, int Epoch) Next => Finished <= Cut.Offset ? (Finished, FinishedEpoch) : Cut;

    public void Begin(AssignedPartition owner, Lease lease, int start, int length, AbortedTransaction[]? aborted)
    {
        lease.Share();
        (_lease, Owner, Generation, Aborted) = (lease, owner, owner.Generation, aborted);
        _holders = 1;
        Source = new FetchedSource(owner, lease.Array, start, length);
        (Finished, FinishedEpoch, Cut, End, IsHeld) = (0, -1, (long.MaxValue, -1), -1, false);
    }

    /// <summary>Holds nothing but the word that the end of the log is reached.</summary>
    public void BeginEnd(AssignedPartition owner, long end)
    {
        (_lease, Owner, Generation, Aborted) = (null, owner, owner.Generation, null);
        _holders = 1;
        Source = new FetchedSource(owner, [], 0, 0);
        (Finished, FinishedEpoch, Cut, End, IsHeld) = (0, -1, (long.MaxValue, -1), end, false);
    }

    /// <summary>Keeps the bytes for records that outlast the reading of them. Only who has the chunk may call this.</summary>
    public void Share() => Interlocked.Increment(ref _holders);

    /// <summary>Gives the buffer back, unless others keep the bytes. Called once by each who has the chunk.</summary>
    /// <returns>Whether nobody has the chunk any more.</returns>
    public bool Return()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return false;
        Source.End();
        _lease?.Release();
        (_lease, Owner, Source, Aborted) = (null, null!, null!, null);
        return true;
    }
}
