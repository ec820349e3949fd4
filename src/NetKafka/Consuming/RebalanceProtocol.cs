namespace NetKafka.Consuming;

/// <summary>
/// What members of a group do with their partitions while it rebalances. A member follows the last one, in this order, that all of
/// the assignors it names support.
/// </summary>
public enum RebalanceProtocol
{
    /// <summary>All members give up all partitions, and then get their new ones.</summary>
    Eager,

    /// <summary>
    /// Members go on reading what stays their own. A partition that moves is taken from its owner by one rebalance and given to
    /// the next owner by another, which follows at once (KIP-429).
    /// </summary>
    Cooperative,
}
