using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>P14 at the moment of reading: what nobody may be given yet who reads only what is committed.</summary>
static class OpenTransactions
{
    /// <summary>Whether a record is of a transaction that has not ended.</summary>
    public static bool Holds(PartitionLog log, long offset)
    {
        foreach (var batch in log.Batches)
        {
            if (batch.BaseOffset <= offset && offset <= batch.LastOffset)
                return batch.Header.IsTransactional && log.Producers.Find(batch.Header.ProducerId)?.TransactionFirstOffset is >= 0 and var first && first <= offset;
        }
        return false;
    }
}
