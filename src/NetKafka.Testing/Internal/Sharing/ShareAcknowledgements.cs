using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>The acknowledgements of one request, and what came of each partition's, in their order.</summary>
sealed class ShareAcknowledgements
{
    readonly List<(TopicIdPartition Key, AcknowledgeResult Result)> results = [];

    internal IReadOnlyList<(TopicIdPartition Key, AcknowledgeResult Result)> Results => results;

    /// <summary>Takes what a member says of the records of one partition.</summary>
    /// <param name="call">The request that brings it.</param>
    /// <param name="claim">Who says it.</param>
    /// <param name="key">Of which partition.</param>
    /// <param name="all">What; a partition of which nothing is said is not told either.</param>
    /// <param name="nowMs">The time.</param>
    internal void Take(Call call, in ShareClaim claim, TopicIdPartition key, Acknowledgement[] all, long nowMs)
    {
        if (all.Length > 0)
            results.Add((key, Result(call, claim, key, all, nowMs)));
    }

    /// <summary>Puts the results beside what was fetched.</summary>
    internal void AddTo(List<(TopicIdPartition Key, ShareFetchResponse.PartitionData Row)> rows)
    {
        foreach (var (key, result) in results)
        {
            var at = rows.FindIndex(row => row.Key == key);
            var row = at >= 0 ? rows[at].Row : new ShareFetchResponse.PartitionData { PartitionIndex = key.Partition, Records = ReadOnlyMemory<byte>.Empty };
            (row.AcknowledgeErrorCode, row.AcknowledgeErrorMessage) = (result.Error, result.Message);
            if (at < 0)
                rows.Add((key, row));
        }
    }

    static AcknowledgeResult Result(Call call, in ShareClaim claim, TopicIdPartition key, Acknowledgement[] all, long nowMs)
    {
        if (call.Cluster.FindTopic(key.TopicId) is not { } topic)
            return new AcknowledgeResult(ErrorCode.UnknownTopicId, null);
        if (Acknowledgement.AreMalformed(all, call.Version >= 2, claim.IsRenew))
            return AcknowledgeResult.InvalidRequest("The acknowledgements of the partition are malformed.");
        if (topic.Find(key.Partition) is not { } partition)
            return new AcknowledgeResult(ErrorCode.UnknownTopicOrPartition, null);
        // A leader that nobody has fetched from yet knows nothing of the group.
        return partition.Leader == call.Broker.NodeId && call.Cluster.Shares.Find(claim.GroupId, key) is { } shared
            ? shared.Acknowledge(claim.MemberId, all, nowMs)
            : new AcknowledgeResult(ErrorCode.UnknownTopicOrPartition, null);
    }
}

/// <summary>Who acknowledges, and whether locks may be renewed.</summary>
readonly record struct ShareClaim(string GroupId, string MemberId, bool IsRenew);
