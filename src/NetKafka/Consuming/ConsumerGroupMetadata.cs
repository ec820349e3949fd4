namespace NetKafka.Consuming;

/// <summary>
/// Which member of a group, in which generation, asks for its offsets to be part of a transaction. With it the brokers refuse a member
/// that the group has gone on without (KIP-447), so it is to be taken from the consumer each time anew. Made by
/// <see cref="Consumer{TKey, TValue}.GetGroupMetadataAsync"/>.
/// </summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member's id; empty before it has one.</param>
/// <param name="Generation">The generation of the group that the member is in; −1 before it is in any.</param>
/// <param name="GroupInstanceId">The name of a static member; null for a dynamic one.</param>
public sealed record ConsumerGroupMetadata(string GroupId, string MemberId, int Generation, string? GroupInstanceId);
