namespace NetKafka.Consuming;

/// <summary>How a consumer and its group's coordinator share partitions.</summary>
public enum GroupProtocol
{
    /// <summary>
    /// The members share partitions among themselves by a strategy, and all of them stop or ask again when the group changes. Every broker
    /// speaks it.
    /// </summary>
    Classic,

    /// <summary>
    /// The coordinator shares partitions and moves them one by one (KIP-848): members that keep theirs read on. Takes brokers from 4.0 on, whose
    /// feature <c>group.version</c> is finalized.
    /// </summary>
    Consumer,

    /// <summary>
    /// <see cref="Consumer"/> where the cluster has finalized <c>group.version</c> and no setting is given that the classic protocol alone has
    /// (<see cref="ConsumerOptions.PartitionAssignmentStrategies"/>, <see cref="ConsumerOptions.SessionTimeout"/>,
    /// <see cref="ConsumerOptions.HeartbeatInterval"/>); else <see cref="Classic"/>. Where the first join is refused because the group is of the
    /// other protocol, that one is tried once, and the log says so.
    /// </summary>
    Automatic,
}
