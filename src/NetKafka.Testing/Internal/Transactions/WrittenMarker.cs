using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Transactions;

/// <summary>A marker as it was written: a leader that takes over may not have it.</summary>
/// <param name="Partition">Where.</param>
/// <param name="Batch">The batch in the log.</param>
readonly record struct WrittenMarker(Partition Partition, StoredBatch Batch)
{
    /// <summary>Whether it is still in the log, or below its start.</summary>
    internal bool IsIn
    {
        get
        {
            var log = Partition.Log;
            if (Batch.BaseOffset < log.StartOffset)
                return true;
            var index = log.IndexOf(Batch.BaseOffset);
            return index < log.Batches.Count && log.Batches[index] == Batch;
        }
    }

    /// <summary>Whether no change of leaders can take it away any more.</summary>
    internal bool IsSafe => IsIn && (Batch.BaseOffset < Partition.HighWatermark || Batch.BaseOffset < Partition.Log.StartOffset);
}
