namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Settings of topics.</summary>
static class TopicSettings
{
    /// <summary>
    /// Of each key the last record is kept. Whoever writes after the time of a segment begins another, and the cleaner takes those that are closed.
    /// </summary>
    public static IReadOnlyDictionary<string, string> SoonCompacted { get; } = new Dictionary<string, string>
    {
        ["cleanup.policy"] = "compact", ["min.cleanable.dirty.ratio"] = "0.001", ["segment.ms"] = "50", ["max.compaction.lag.ms"] = "50",
    };
}
