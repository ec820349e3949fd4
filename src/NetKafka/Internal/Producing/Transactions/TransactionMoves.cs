namespace NetKafka.Internal.Producing.Transactions;

/// <summary>The legal moves between the states of a producer's transactions. Any other is a defect, and throws.</summary>
static class TransactionMoves
{
    public static void Check(TransactionState from, TransactionState to)
    {
        var isLegal = (from, to) switch
        {
            (TransactionState.Over, TransactionState.Initializing) => true,
            (TransactionState.Over, _) => false,
            (_, TransactionState.Over) => true,
            (TransactionState.New, TransactionState.Initializing) => true,
            (TransactionState.Initializing, TransactionState.Ready) => true,
            (TransactionState.Ready, TransactionState.Open or TransactionState.Initializing) => true,
            (TransactionState.Open, TransactionState.Failed or TransactionState.Committing or TransactionState.Aborting) => true,
            (TransactionState.Failed, TransactionState.Aborting) => true,
            (TransactionState.Committing, TransactionState.Failed or TransactionState.Ready or TransactionState.Initializing) => true,
            (TransactionState.Aborting, TransactionState.Ready or TransactionState.Initializing) => true,
            _ => false,
        };
        if (!isLegal)
            throw new InvalidOperationException($"A transaction cannot go from {from} to {to}.");
    }
}
