namespace NetKafka.Simulation.Tests.Histories;

/// <summary>The transactions of a run, and what was to be seen of them whenever a new producer took a name over.</summary>
sealed class TransactionHistory
{
    readonly List<SentTransaction> _all = [];
    readonly List<Takeover> _takeovers = [];

    /// <summary>A producer has begun under a name: what those before it have not made visible by then must never show.</summary>
    /// <param name="TransactionalId">The name.</param>
    /// <param name="Producer">The new producer.</param>
    /// <param name="Visible">The records that could be read at that moment.</param>
    public readonly record struct Takeover(string TransactionalId, int Producer, IReadOnlySet<int> Visible);

    public IReadOnlyList<SentTransaction> All => _all;

    public IReadOnlyList<Takeover> Takeovers => _takeovers;

    public SentTransaction Begin(string transactionalId, int producer)
    {
        var transaction = new SentTransaction(_all.Count, transactionalId, producer);
        _all.Add(transaction);
        return transaction;
    }

    public void TakeOver(string transactionalId, int producer, IReadOnlySet<int> visible) =>
        _takeovers.Add(new Takeover(transactionalId, producer, visible));
}
