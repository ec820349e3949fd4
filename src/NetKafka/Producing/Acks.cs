namespace NetKafka.Producing;

/// <summary>Which replicas must hold a record before the broker acknowledges it. Kafka's name: <c>acks</c>.</summary>
public enum Acks : short
{
    /// <summary>
    /// All replicas that are in sync: an acknowledged record survives the loss of all but one of them. How many must be in
    /// sync is the topic's <c>min.insync.replicas</c>.
    /// </summary>
    All = -1,

    /// <summary>None: the broker does not answer, records count as sent once they were written, and their offsets stay unknown (−1).</summary>
    None = 0,

    /// <summary>The leader alone: an acknowledged record is lost if the leader fails before it was copied.</summary>
    Leader = 1,
}
