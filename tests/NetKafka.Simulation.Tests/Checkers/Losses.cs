namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>What leaders that lacked it have lost: other records may lie at these offsets now.</summary>
sealed class Losses
{
    /// <summary>The partitions whose logs were cut off, and the largest offset at which.</summary>
    public Dictionary<(string Topic, int Partition), long> Partitions { get; } = [];

    /// <summary>Each time that a log was cut off, and where.</summary>
    public List<(int Partition, long Offset, long AtTicks)> Cuts { get; } = [];

    /// <summary>The records that lay there.</summary>
    public List<LoggedRecord> Records { get; } = [];

    /// <summary>A log ends here now.</summary>
    public void Cut(string topic, int partition, long offset, long nowTicks)
    {
        Partitions[(topic, partition)] = Math.Max(offset, Partitions.GetValueOrDefault((topic, partition)));
        Cuts.Add((partition, offset, nowTicks));
    }
}
