using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>The fetches of one broker: at most one is under way, since a session goes step by step.</summary>
sealed class BrokerFetch(int nodeId)
{
    public int NodeId { get; } = nodeId;

    public FetchSession Session { get; } = new();

    public FetchPlan Plan { get; } = new();

    /// <summary>The assigned partitions that this broker leads.</summary>
    public List<LedPartition> Partitions { get; } = [];

    public FetchCall? UnderWay { get; set; }

    /// <summary>A call that was answered, for the next fetch.</summary>
    public FetchCall? Spare { get; set; }

    public Instant NotBefore { get; set; } = Instant.Start;

    public int Failures { get; set; }

    /// <summary>Where the next fetch begins to list partitions, so that none is always the first to be served.</summary>
    public int Rotation { get; set; }
}
