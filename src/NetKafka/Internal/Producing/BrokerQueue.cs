using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>The partitions that a broker leads and that have something to send, in the order in which they became ready.</summary>
sealed class BrokerQueue(int nodeId, BrokerWindow window)
{
    public int NodeId { get; } = nodeId;

    public Queue<PartitionQueue> Ready { get; } = new();

    /// <summary>Partitions whose open batch waits for more records.</summary>
    public List<PartitionQueue> Lingering { get; } = [];

    /// <summary>When the oldest of those batches has waited long enough.</summary>
    public Instant LingerDue { get; set; } = Instant.Never;

    /// <summary>How much may wait for it.</summary>
    public BrokerWindow Window { get; } = window;

    /// <summary>When the newest request left.</summary>
    public Instant SentAt { get; set; } = Instant.Start;

    /// <summary>Requests under way.</summary>
    public int InFlight { get; set; }

    /// <summary>Whether it is listed to be looked at in this turn.</summary>
    public bool IsListed { get; set; }
}
