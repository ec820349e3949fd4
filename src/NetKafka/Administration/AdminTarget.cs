namespace NetKafka.Administration;

/// <summary>Which broker a request is for.</summary>
public readonly record struct AdminTarget
{
    AdminTarget(Kind kind, int nodeId = -1, string? id = null, TopicPartition partition = default) =>
        (Way, NodeId, Id, Partition) = (kind, nodeId, id, partition);

    internal enum Kind
    {
        AnyBroker,
        Controller,
        Broker,
        GroupCoordinator,
        TransactionCoordinator,
        Leader,
    }

    /// <summary>Any broker that can be reached.</summary>
    public static AdminTarget AnyBroker { get; } = new(Kind.AnyBroker);

    /// <summary>The controller; with KRaft the broker that hands requests on to it.</summary>
    public static AdminTarget Controller { get; } = new(Kind.Controller);

    internal Kind Way { get; }

    internal int NodeId { get; }

    internal string? Id { get; }

    internal TopicPartition Partition { get; }

    /// <summary>This broker and no other.</summary>
    /// <param name="nodeId">Its node id, from 0 on.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static AdminTarget Broker(int nodeId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nodeId);
        return new(Kind.Broker, nodeId);
    }

    /// <summary>The coordinator of a group.</summary>
    /// <param name="groupId">The group's id.</param>
    /// <returns>The target.</returns>
    public static AdminTarget GroupCoordinator(string groupId)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return new(Kind.GroupCoordinator, id: groupId);
    }

    /// <summary>The coordinator of a transactional id.</summary>
    /// <param name="transactionalId">The id.</param>
    /// <returns>The target.</returns>
    public static AdminTarget TransactionCoordinator(string transactionalId)
    {
        ArgumentException.ThrowIfNullOrEmpty(transactionalId);
        return new(Kind.TransactionCoordinator, id: transactionalId);
    }

    /// <summary>The leader of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <returns>The target.</returns>
    public static AdminTarget Leader(TopicPartition partition) => new(Kind.Leader, partition: partition);

    /// <summary>Reads as "the coordinator of group 'g'".</summary>
    /// <returns>Which broker it is.</returns>
    public override string ToString() => Way switch
    {
        Kind.Controller => "the controller",
        Kind.Broker => $"broker {NodeId}",
        Kind.GroupCoordinator => $"the coordinator of group '{Id}'",
        Kind.TransactionCoordinator => $"the coordinator of transactional id '{Id}'",
        Kind.Leader => $"the leader of {Partition}",
        _ => "any broker",
    };
}
