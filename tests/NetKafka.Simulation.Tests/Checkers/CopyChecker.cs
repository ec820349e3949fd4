namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// P18: what copiers have committed is each committed record of their source once, as it was; and the group goes on behind the last one.
/// </summary>
/// <param name="from">The topic that is read.</param>
/// <param name="to">The topic that is written.</param>
sealed class CopyChecker(string from, string to)
{
    /// <summary>Whether everything has been copied at least once.</summary>
    public bool IsComplete(LogTruth truth, Func<LoggedRecord, bool> shows)
    {
        var copied = truth.Records.Where(record => record.Topic == to && shows(record)).Select(static record => record.Id).ToHashSet();
        return truth.Records.Where(record => record.Topic == from && shows(record)).All(record => copied.Contains(record.Id));
    }

    /// <param name="truth">What lies in the log.</param>
    /// <param name="shows">Whether readers of committed records see it.</param>
    /// <param name="committed">The group's offset of a partition of the source; −1 for none.</param>
    /// <param name="violations">Takes what is found.</param>
    public void Check(LogTruth truth, Func<LoggedRecord, bool> shows, Func<int, long> committed, Violations violations)
    {
        var copies = truth.Records.Where(record => record.Topic == to && shows(record)).ToLookup(static record => record.Id);
        var sources = new HashSet<int>();
        foreach (var source in truth.Records.Where(record => record.Topic == from && shows(record)))
        {
            sources.Add(source.Id);
            var found = copies[source.Id].ToArray();
            if (found.Length != 1)
                violations.Add("P18 exactly once", $"record {source.Id}, at {from}-{source.Partition}@{source.Offset}, was copied {found.Length} times");
            else if (!found[0].Value.AsSpan().SequenceEqual(source.Value) || (found[0].Key is null) != (source.Key is null) || !found[0].Key.AsSpan().SequenceEqual(source.Key))
                violations.Add("P18 exactly once", $"the copy of record {source.Id} has other bytes");
            if (committed(source.Partition) <= source.Offset)
                violations.Add("P18 offsets go with the records", $"record {source.Id} was copied, and the group goes on at {committed(source.Partition)} of {from}-{source.Partition}, not behind {source.Offset}");
        }
        foreach (var copy in copies.Where(copy => !sources.Contains(copy.Key)))
            violations.Add("P18 exactly once", $"record {copy.Key} was copied, and lies in {from} not as a committed one");
    }
}
