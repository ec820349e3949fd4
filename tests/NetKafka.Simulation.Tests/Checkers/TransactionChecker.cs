using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// Holds transactions against what can be read once all of them have ended: P16, each shows as a whole or not at all; P17, as its
/// application was told; P19, nothing of a producer shows that did not before another one of its name had begun.
/// </summary>
static class TransactionChecker
{
    public static void Check(TransactionHistory history, IReadOnlySet<int> visible, Violations violations)
    {
        foreach (var transaction in history.All)
            Check(transaction, visible, violations);
        foreach (var takeover in history.Takeovers)
            CheckZombies(history, takeover, visible, violations);
    }

    static void Check(SentTransaction transaction, IReadOnlySet<int> visible, Violations violations)
    {
        var shown = transaction.Records.Count(record => visible.Contains(record.Id));
        if (shown > 0 && shown < transaction.Records.Count)
        {
            var missed = transaction.Records.First(record => !visible.Contains(record.Id));
            violations.Add("P16 atomic", $"{shown} of {transaction.Records.Count} records of {transaction} show, {missed} ({missed.Outcome}) does not");
        }
        else if (transaction.Outcome == TransactionOutcome.Committed && shown < transaction.Records.Count)
            violations.Add("P17 commit is honest", $"{transaction} was committed, and nothing of it shows");
        else if (transaction.Outcome == TransactionOutcome.Aborted && shown > 0)
            violations.Add("P17 commit is honest", $"{transaction} was aborted, and shows: {transaction.Error?.Message}");
    }

    static void CheckZombies(TransactionHistory history, in TransactionHistory.Takeover takeover, IReadOnlySet<int> visible, Violations violations)
    {
        foreach (var transaction in history.All)
        {
            if (transaction.TransactionalId != takeover.TransactionalId || transaction.Producer >= takeover.Producer)
                continue;
            foreach (var record in transaction.Records)
            {
                if (visible.Contains(record.Id) && !takeover.Visible.Contains(record.Id))
                    violations.Add("P19 zombies are dead", $"{record} of {transaction} has come to show after producer {takeover.Producer} had begun");
            }
        }
    }
}
