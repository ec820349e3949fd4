namespace NetKafka.Consuming;

/// <summary>What one member of a group says of itself when it joins.</summary>
/// <param name="MemberId">The id that the coordinator gave it.</param>
/// <param name="GroupInstanceId">Its lasting id (KIP-345); null for a dynamic member.</param>
/// <param name="Topics">The topics it wants to read, without repeats.</param>
/// <param name="OwnedPartitions">
/// The partitions it says it reads now; empty under eager rebalancing. It is not checked: they may not exist, or be claimed by others.
/// </param>
/// <param name="Generation">The generation in which it got them; −1 if it does not tell.</param>
public sealed record MemberSubscription(
    string MemberId, string? GroupInstanceId, IReadOnlyList<string> Topics, IReadOnlyList<TopicPartition> OwnedPartitions, int Generation)
{
    /// <summary>The rack it runs in (KIP-881); null where it does not tell. Default null.</summary>
    public string? Rack { get; init; }

    /// <summary>What its assignor says beside the subscription; empty where it says nothing. Default empty.</summary>
    public ReadOnlyMemory<byte> UserData { get; init; }
}
