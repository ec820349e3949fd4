using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Fetching;

/// <summary>
/// What a client reads in a session (KIP-227), in the order in which its partitions are served: one that gave records goes to
/// the end, so that none starves under a byte limit.
/// </summary>
sealed class FetchSession(int id, bool usesTopicIds)
{
    readonly LinkedList<SessionPartition> order = [];
    readonly Dictionary<PartitionKey, LinkedListNode<SessionPartition>> byKey = [];

    internal int Id { get; } = id;

    internal bool UsesTopicIds { get; } = usesTopicIds;

    /// <summary>The epoch that the next request of the session must carry; 1 comes after 2^31-1.</summary>
    internal int NextEpoch { get; private set; } = 1;

    internal bool IsEmpty => order.Count == 0;

    /// <summary>The partitions in their order at this moment.</summary>
    internal SessionPartition[] Snapshot() => [.. order];

    internal void AdvanceEpoch() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    internal void Set(PartitionKey key, FetchRequest.FetchPartition wanted)
    {
        if (byKey.TryGetValue(key, out var node))
            node.Value.Wanted = wanted;
        else
            byKey.Add(key, order.AddLast(new SessionPartition(key, wanted)));
    }

    internal void Forget(PartitionKey key)
    {
        if (byKey.Remove(key, out var node))
            order.Remove(node);
    }

    internal void MoveToEnd(SessionPartition partition)
    {
        if (!byKey.TryGetValue(partition.Key, out var node) || node.Value != partition)
            return;
        order.Remove(node);
        order.AddLast(node);
    }
}

/// <summary>A partition by the topic's name or by its id, as the client said it.</summary>
readonly record struct PartitionKey(string Topic, Guid TopicId, int Index);

/// <summary>One partition of a session: what was asked last, and what was told last.</summary>
sealed class SessionPartition(PartitionKey key, FetchRequest.FetchPartition wanted)
{
    long toldHighWatermark = -1;
    long toldLogStartOffset = -1;

    internal PartitionKey Key { get; } = key;

    internal FetchRequest.FetchPartition Wanted { get; set; } = wanted;

    /// <summary>Whether an incremental answer names the partition; remembers what it says.</summary>
    internal bool Tell(FetchResponse.PartitionData data)
    {
        var isError = data.ErrorCode != ErrorCode.None;
        var isNews = isError
            || data.Records is { Length: > 0 }
            || data.HighWatermark != toldHighWatermark
            || data.LogStartOffset != toldLogStartOffset
            || data.DivergingEpoch.Epoch >= 0
            || data.PreferredReadReplica >= 0;

        // After an error the partition is told again as soon as the error is gone.
        toldHighWatermark = isError ? -1 : data.HighWatermark;
        toldLogStartOffset = data.LogStartOffset;
        return isNews;
    }
}
