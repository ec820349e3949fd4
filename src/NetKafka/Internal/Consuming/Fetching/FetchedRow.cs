using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>What a Fetch response says of one partition. The records are a slice of the frame.</summary>
struct FetchedRow
{
    public int Partition;
    public ErrorCode Error;
    public long HighWatermark;
    public long LastStableOffset;
    public long LogStartOffset;

    /// <summary>In any order; null where there are none.</summary>
    public AbortedTransaction[]? Aborted;

    public int PreferredReplica;

    /// <summary>Batches in a row, of which the last may be cut off.</summary>
    public ReadOnlyMemory<byte> Records;

    public bool AreRecordsNull;

    /// <summary>The leader that took over, where the broker is none; −1 where it does not say.</summary>
    public int LeaderId;

    public int LeaderEpoch;

    /// <summary>Where the logs part, for one that fetched beyond a truncation; −1 otherwise.</summary>
    public int DivergingEpoch;

    public long DivergingEndOffset;
}
