namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>What one member of a group says of itself when it joins.</summary>
/// <param name="MemberId">The id that the coordinator gave it.</param>
/// <param name="InstanceId">Its static id (KIP-345), if it has one.</param>
/// <param name="Topics">The topics it wants to read.</param>
/// <param name="Owned">The partitions it says it owns now; empty under eager rebalancing.</param>
/// <param name="Generation">The generation in which it got them; −1 if it does not tell.</param>
sealed record MemberSubscription(
    string MemberId, string? InstanceId, IReadOnlyList<string> Topics, IReadOnlyList<TopicPartition> Owned, int Generation)
    : IComparable<MemberSubscription>
{
    /// <summary>Static members first, by their lasting ids, so that a restart moves nothing; then the others.</summary>
    public int CompareTo(MemberSubscription? other)
    {
        if (other is null)
            return 1;
        if (InstanceId is null != other.InstanceId is null)
            return InstanceId is null ? 1 : -1;
        var byInstance = string.CompareOrdinal(InstanceId, other.InstanceId);
        return byInstance != 0 ? byInstance : string.CompareOrdinal(MemberId, other.MemberId);
    }
}
