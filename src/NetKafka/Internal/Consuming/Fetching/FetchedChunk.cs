using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// What one fetch brought of one partition: batches in a row, not looked into yet, and a share of the buffer they lie in.
/// </summary>
sealed class FetchedChunk : FetchedSource
{
    readonly Lease _lease;
    long _finished;

    public FetchedChunk(
        AssignedPartition owner, Lease lease, int start, int length, long startOffset, long nextOffset, AbortedTransaction[]? aborted)
        : base(owner.Partition, lease.Array, start, length)
    {
        (Owner, Generation, _lease) = (owner, owner.Generation, lease);
        (StartOffset, NextOffset, Aborted) = (startOffset, nextOffset, aborted);
        lease.Share();
    }

    public AssignedPartition Owner { get; }

    /// <summary>The owner's when it was fetched; another one now means that it must not be read any more.</summary>
    public int Generation { get; }

    public bool IsStale => Generation != Owner.Generation;

    /// <summary>What was asked for; batches may begin before it.</summary>
    public long StartOffset { get; }

    /// <summary>Where the next fetch went on.</summary>
    public long NextOffset { get; }

    public AbortedTransaction[]? Aborted { get; }

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

    /// <summary>Gives the buffer back. Called once, by whoever has the chunk.</summary>
    public void Release()
    {
        End();
        _lease.Release();
    }
}
