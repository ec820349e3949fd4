namespace NetKafka.Consuming;

/// <summary>What becomes of the membership when a consumer closes (KIP-1092).</summary>
public enum GroupMembershipOperation
{
    /// <summary>A member leaves the group; one with a <see cref="ConsumerOptions.GroupInstanceId"/> keeps its place until its session ends.</summary>
    Default,

    /// <summary>The member leaves, whether it has a <see cref="ConsumerOptions.GroupInstanceId"/> or not: others get its partitions at once.</summary>
    LeaveGroup,

    /// <summary>
    /// The member stays until its session ends, so that no rebalance begins: for a process that comes back soon. What it has finished is
    /// committed all the same.
    /// </summary>
    RemainInGroup,
}
