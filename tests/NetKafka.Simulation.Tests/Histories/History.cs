namespace NetKafka.Simulation.Tests.Histories;

/// <summary>Everything that the applications of a run did and heard, in the order in which it happened.</summary>
sealed class History
{
    readonly List<SentRecord> _sent = [];
    readonly List<SentRecord> _acks = [];

    /// <summary>The records that were sent; the number of one is its place here.</summary>
    public IReadOnlyList<SentRecord> Sent => _sent;

    public int NextId => _sent.Count;

    /// <summary>The acknowledgements of which callbacks were told, in that order. Who awaits one may go on later.</summary>
    public IReadOnlyList<SentRecord> Acks => _acks;

    /// <summary>A callback is told that a record is in the log.</summary>
    public void Report(SentRecord record) => _acks.Add(record);

    /// <summary>Nobody did anything for so long: who waits has to wait longer.</summary>
    public void OnStall(long ticks)
    {
        foreach (var sent in _sent)
        {
            if (sent.Outcome == SendOutcome.Pending)
                sent.StalledTicks += ticks;
        }
    }

    public SentRecord Add(SentRecord record)
    {
        if (record.Id != _sent.Count)
            throw new ArgumentException($"Record {record.Id} is not the next one, {_sent.Count}.", nameof(record));
        _sent.Add(record);
        return record;
    }
}
