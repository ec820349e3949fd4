namespace NetKafka.Testing.Internal.Transactions;

/// <summary>What the coordinator keeps of one transactional id. All of it is in its log, so it survives a move.</summary>
sealed class TransactionEntry(string transactionalId, long producerId)
{
    /// <summary>The last epoch that a producer is given: the one behind it is kept for fencing.</summary>
    internal const short LastUsedEpoch = short.MaxValue - 1;

    internal string TransactionalId { get; } = transactionalId;

    internal long ProducerId { get; set; } = producerId;

    /// <summary>The id before the last change of it; -1 for none.</summary>
    internal long PreviousProducerId { get; set; } = -1;

    /// <summary>The id that goes on once the markers are written, since the epochs of this one are used up; -1 for none.</summary>
    internal long NextProducerId { get; set; } = -1;

    internal short Epoch { get; set; } = -1;

    /// <summary>The epoch before the last one, where the same producer was given both; else -1.</summary>
    internal short LastEpoch { get; set; } = -1;

    internal int TimeoutMs { get; set; }

    internal TransactionState State { get; set; }

    /// <summary>When the last transaction began, by the clock of its coordinator; -1 before the first.</summary>
    internal long StartMs { get; set; } = -1;

    /// <summary>Whether the last transaction was ended by the rules of version 2, in which each end raises the epoch (KIP-890).</summary>
    internal bool IsVersion2 { get; set; }

    /// <summary>The partitions in it, by topic.</summary>
    internal SortedDictionary<string, SortedSet<int>> Partitions { get; } = new(StringComparer.Ordinal);

    /// <summary>The groups whose offsets are in it.</summary>
    internal SortedSet<string> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>The markers that were written and that not all replicas in sync may have yet.</summary>
    internal Dictionary<(string Topic, int Partition), WrittenMarker> Markers { get; } = [];

    internal TimerEntry? Timeout { get; set; }

    internal bool IsExhausted => Epoch >= LastUsedEpoch;

    internal bool IsEnding => State is TransactionState.PrepareCommit or TransactionState.PrepareAbort;

    internal bool Has(string topic, int partition) => Partitions.TryGetValue(topic, out var partitions) && partitions.Contains(partition);

    internal void Add(string topic, int partition)
    {
        if (!Partitions.TryGetValue(topic, out var partitions))
            Partitions.Add(topic, partitions = []);
        partitions.Add(partition);
    }

    internal void Clear()
    {
        Timeout?.Cancel();
        Timeout = null;
        Markers.Clear();
        Partitions.Clear();
        Groups.Clear();
    }
}
