using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>The errors that a broker may answer a healthy request with, by API. An API that is not named here meets none.</summary>
static class PassingErrors
{
    static readonly ErrorCode[] Leadership =
    [
        ErrorCode.NotLeaderOrFollower, ErrorCode.LeaderNotAvailable, ErrorCode.UnknownTopicOrPartition, ErrorCode.KafkaStorageError,
    ];

    static readonly ErrorCode[] Coordination =
        [ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable, ErrorCode.CoordinatorLoadInProgress];

    static readonly ErrorCode[] Membership = [.. Coordination, ErrorCode.RebalanceInProgress];

    /// <summary>Instead of handling the request.</summary>
    public static ReadOnlySpan<ErrorCode> Before(ApiKey api) => api switch
    {
        ApiKey.Produce => (ErrorCode[])[.. Leadership, ErrorCode.NotEnoughReplicas, ErrorCode.CorruptMessage],
        ApiKey.Fetch => (ErrorCode[])[.. Leadership, ErrorCode.OffsetNotAvailable, ErrorCode.FencedLeaderEpoch, ErrorCode.UnknownLeaderEpoch],
        ApiKey.ListOffsets => Leadership,
        ApiKey.OffsetForLeaderEpoch => Leadership,
        ApiKey.Metadata => (ErrorCode[])[ErrorCode.LeaderNotAvailable, ErrorCode.UnknownTopicOrPartition],
        ApiKey.InitProducerId => Coordination,
        ApiKey.AddPartitionsToTxn or ApiKey.AddOffsetsToTxn or ApiKey.EndTxn => (ErrorCode[])[.. Coordination, ErrorCode.ConcurrentTransactions],
        ApiKey.TxnOffsetCommit => Coordination,
        ApiKey.FindCoordinator => (ErrorCode[])[ErrorCode.CoordinatorNotAvailable],
        ApiKey.JoinGroup or ApiKey.LeaveGroup or ApiKey.OffsetFetch => Coordination,
        ApiKey.ConsumerGroupHeartbeat or ApiKey.ShareGroupHeartbeat => Coordination,
        ApiKey.ShareFetch or ApiKey.ShareAcknowledge => Leadership,
        ApiKey.CreateTopics or ApiKey.DeleteTopics => (ErrorCode[])[ErrorCode.NotController, ErrorCode.ThrottlingQuotaExceeded],
        ApiKey.DeleteRecords => (ErrorCode[])[ErrorCode.NotLeaderOrFollower, ErrorCode.LeaderNotAvailable],
        ApiKey.ListGroups or ApiKey.DescribeGroups or ApiKey.DeleteGroups => Coordination,
        ApiKey.SyncGroup or ApiKey.Heartbeat or ApiKey.OffsetCommit => Membership,
        _ => [],
    };

    /// <summary>
    /// Whether an API can be denied for a topic. Who is denied to read is told so, and reads on after a seek only, which is left out.
    /// </summary>
    public static bool IsDeniable(ApiKey api) => api is ApiKey.Produce or ApiKey.OffsetCommit;

    /// <summary>After the request was handled.</summary>
    public static ReadOnlySpan<ErrorCode> After(ApiKey api) => api switch
    {
        ApiKey.Produce => (ErrorCode[])[ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.NotLeaderOrFollower],
        ApiKey.OffsetCommit => (ErrorCode[])[ErrorCode.RequestTimedOut, ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable],
        ApiKey.InitProducerId or ApiKey.CreateTopics => (ErrorCode[])[ErrorCode.RequestTimedOut],
        ApiKey.AddPartitionsToTxn or ApiKey.AddOffsetsToTxn or ApiKey.EndTxn or ApiKey.TxnOffsetCommit => (ErrorCode[])[ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable],
        ApiKey.JoinGroup or ApiKey.SyncGroup or ApiKey.LeaveGroup or ApiKey.ConsumerGroupHeartbeat or ApiKey.ShareGroupHeartbeat => (ErrorCode[])[ErrorCode.NotCoordinator],
        _ => [],
    };
}
