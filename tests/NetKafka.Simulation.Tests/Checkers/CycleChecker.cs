using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// P23: who reads committed records alone, and writes in a transaction, never closes a circle: of two transactions only one can have read
/// what the other wrote, since it was over by then. That two write between each other's records is no such circle; Kafka allows it.
/// </summary>
static class CycleChecker
{
    public static void Check(TransactionHistory history, Violations violations)
    {
        var writers = new Dictionary<int, SentTransaction>();
        foreach (var transaction in history.All)
        {
            foreach (var record in transaction.Records)
                writers[record.Id] = transaction;
        }
        var done = new HashSet<SentTransaction>();
        foreach (var transaction in history.All)
        {
            if (FindCircle(transaction, writers, [], done) is not { } circle)
                continue;
            violations.Add("P23 no circles", string.Join(", which had read of ", circle.Select(static link => link.ToString())));
            return;
        }
    }

    /// <summary>Goes from a transaction to those that it has read of.</summary>
    /// <returns>The transactions of a circle, the first one at the end once more; null if there is none.</returns>
    static List<SentTransaction>? FindCircle(
        SentTransaction at, Dictionary<int, SentTransaction> writers, List<SentTransaction> path, HashSet<SentTransaction> done)
    {
        var seen = path.IndexOf(at);
        if (seen >= 0)
            return [.. path[seen..], at];
        if (done.Contains(at))
            return null;
        path.Add(at);
        foreach (var id in at.Reads)
        {
            if (writers.TryGetValue(id, out var writer) && FindCircle(writer, writers, path, done) is { } circle)
                return circle;
        }
        path.RemoveAt(path.Count - 1);
        done.Add(at);
        return null;
    }
}
