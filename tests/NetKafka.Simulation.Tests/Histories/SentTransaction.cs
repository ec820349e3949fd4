namespace NetKafka.Simulation.Tests.Histories;

/// <summary>A transaction as its application began and ended it.</summary>
/// <param name="id">Its number in the run.</param>
/// <param name="transactionalId">The name of its producer.</param>
/// <param name="producer">The number of its producer: one process of that name.</param>
sealed class SentTransaction(int id, string transactionalId, int producer)
{
    public int Id { get; } = id;

    public string TransactionalId { get; } = transactionalId;

    public int Producer { get; } = producer;

    public List<SentRecord> Records { get; } = [];

    /// <summary>The records of its own topic that its process was given between its begin and the moment at which its commit was asked for.</summary>
    public List<int> Reads { get; } = [];

    public TransactionOutcome Outcome { get; set; }

    /// <summary>Whether the commit was asked for, whatever came of it.</summary>
    public bool IsCommitAsked { get; set; }

    /// <summary>Why it did not end as it was meant to.</summary>
    public Exception? Error { get; set; }

    public override string ToString() => $"transaction {Id} of {TransactionalId}, producer {Producer}";
}
