using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// What the transaction that is open has taken of its source. Its partitions are not given up before it has ended; so what it writes
/// counts, or another member is given the same. The reading loop's own.
/// </summary>
sealed class ProcessedShare(FetchQueue queue)
{
    readonly List<ProcessedPartition> _partitions = [];

    public bool IsEmpty => _partitions.Count == 0;

    /// <summary>Whether the commit of the open transaction was asked for.</summary>
    public bool IsCommitAsked { get; set; }

    /// <summary>Whether a commit was asked for, and it is not known what became of it.</summary>
    public bool IsInDoubt => InDoubt.Length > 0;

    /// <summary>What a transaction has taken of which that is so.</summary>
    public ProcessedPartition[] InDoubt { get; private set; } = [];

    /// <summary>The partitions, at the moment.</summary>
    public ProcessedPartition[] Partitions => [.. _partitions];

    /// <summary>Whether somebody waits for the end of the transaction: a partition of it is to be given up.</summary>
    public bool IsEndWanted => queue.IsReleaseWanted;

    /// <summary>Takes what is in hand into the transaction, up to an offset.</summary>
    public void Take(FetchedChunk chunk, TopicPartitionOffset next)
    {
        var start = queue.Process(chunk);
        var index = _partitions.FindIndex(taken => taken.Partition == chunk.Owner);
        if (index < 0)
            _partitions.Add(new ProcessedPartition(chunk.Owner, start.Offset, start.Epoch, next));
        else
            _partitions[index] = _partitions[index] with { Next = next };
    }

    /// <summary>The transaction has ended, and is known to have been committed.</summary>
    public void Commit()
    {
        IsCommitAsked = false;
        End();
    }

    /// <summary>The transaction has ended.</summary>
    public void End()
    {
        queue.EndProcessing(_partitions.Select(static taken => taken.Partition));
        if (IsCommitAsked)
            InDoubt = Partitions;
        IsCommitAsked = false;
        _partitions.Clear();
    }

    /// <summary>It is known what became of the transaction in doubt.</summary>
    public void Settle() => InDoubt = [];
}
