using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Faults;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>How old the brokers of a run pose to be: the newest version of each API, down to what Kafka 2.1 speaks.</summary>
static class OldVersions
{
    const short StaticMembersSince = 5;
    const short ReturningLeadersSince = 9;
    const short TopicIdsSince = 10;
    const short ProduceByIdSince = 13;
    const short ConsumersAskEpochsSince = 3;
    const short EpochsAreNamedSince = 3;
    const short OffsetsAreFencedSince = 3;
    const short FeaturesSince = 3;
    const short ProduceOfTransactions2 = 12;
    const short EndOfTransactions2 = 5;
    const short OffsetsOfTransactions2 = 5;
    const short StableOffsetsSince = 7;
    const short MetadataByIdSince = 12;
    const short CommitsOfEpochsSince = 9;
    const short FetchByIdSince = 13;
    const short CommitByIdSince = 10;

    static readonly (ApiKey Api, short Oldest, short Newest)[] Apis =
    [
        (ApiKey.Produce, 7, 13), (ApiKey.Fetch, 10, 18), (ApiKey.ListOffsets, 4, 11), (ApiKey.Metadata, 7, 13), (ApiKey.OffsetCommit, 6, 10),
        (ApiKey.OffsetFetch, 5, 10), (ApiKey.FindCoordinator, 2, 6), (ApiKey.JoinGroup, 3, 9), (ApiKey.Heartbeat, 2, 4), (ApiKey.LeaveGroup, 2, 5),
        (ApiKey.SyncGroup, 2, 5), (ApiKey.ApiVersions, 2, 4), (ApiKey.InitProducerId, 1, 6), (ApiKey.OffsetForLeaderEpoch, 1, 4),
        (ApiKey.AddPartitionsToTxn, 1, 5), (ApiKey.AddOffsetsToTxn, 1, 4), (ApiKey.EndTxn, 1, 5), (ApiKey.TxnOffsetCommit, 2, 5), (ApiKey.DescribeGroups, 2, 6),
    ];

    /// <summary>The APIs that the core uses.</summary>
    public static IEnumerable<ApiKey> Used => [.. Apis.Select(static entry => entry.Api), ApiKey.ConsumerGroupHeartbeat, ApiKey.ShareGroupHeartbeat, ApiKey.ShareFetch, ApiKey.ShareAcknowledge];

    /// <summary>Half of all runs have brokers as new as can be, a quarter all of one age, a quarter any mask.</summary>
    public static void Draw(RandomSource random, IDictionary<short, (short Min, short Max)> limits)
    {
        var kind = random.Next(4);
        if (kind < 2)
            return;
        var age = random.NextDouble();
        foreach (var (api, oldest, newest) in Apis)
            limits[(short)api] = (0, (short)(newest - (int)Math.Round((kind == 2 ? age : random.NextDouble()) * (newest - oldest))));
    }

    /// <summary>Whether members can be static: JoinGroup has them from version 5 on.</summary>
    public static bool KnowsStaticMembers(IDictionary<short, (short Min, short Max)> limits) =>
        Reaches(limits, ApiKey.JoinGroup, StaticMembersSince);

    /// <summary>
    /// Whether a static leader in a new process is told that it leads (KIP-814). Before that nobody looks for partitions that are added, until
    /// the group is shared out anew for another reason: so it is with Java's consumers too.
    /// </summary>
    public static bool KnowsReturningLeaders(IDictionary<short, (short Min, short Max)> limits) =>
        Reaches(limits, ApiKey.JoinGroup, ReturningLeadersSince);

    /// <summary>
    /// What a run cannot do without stays. Without topic ids a topic that was created anew looks like an old view of the one before,
    /// and a client keeps to the newer one; by name the second of two batches may be the first in the new log, and an offset in the
    /// old one may be committed for the new one, or read on from there. Before version 3
    /// consumers may not ask for the end of an epoch, and do not notice that a log was cut off.
    /// </summary>
    /// <param name="limits">The newest versions.</param>
    /// <param name="meets">Which faults may strike.</param>
    public static void KeepWhatIsNeeded(IDictionary<short, (short Min, short Max)> limits, Func<FaultKind, bool> meets)
    {
        if (meets(FaultKind.TopicRecreated))
        {
            Keep(limits, ApiKey.Metadata, TopicIdsSince);
            Keep(limits, ApiKey.Produce, ProduceByIdSince);
            Keep(limits, ApiKey.Fetch, FetchByIdSince);
            Keep(limits, ApiKey.OffsetCommit, CommitByIdSince);
        }
        if (meets(FaultKind.UncleanElection))
            Keep(limits, ApiKey.OffsetForLeaderEpoch, ConsumersAskEpochsSince);
    }

    /// <summary>Brokers are told of committed offsets by the topics' names, as up to Kafka 4.0.</summary>
    public static void CommitByName(IDictionary<short, (short Min, short Max)> limits)
    {
        if (Reaches(limits, ApiKey.OffsetCommit, CommitByIdSince))
            limits[(short)ApiKey.OffsetCommit] = (0, CommitByIdSince - 1);
    }

    /// <summary>Static members that are there stay.</summary>
    public static void KeepStaticMembers(IDictionary<short, (short Min, short Max)> limits) => Keep(limits, ApiKey.JoinGroup, StaticMembersSince);

    /// <summary>Leaders that are static members and come back in a new process are told that they lead.</summary>
    public static void KeepReturningLeaders(IDictionary<short, (short Min, short Max)> limits) => Keep(limits, ApiKey.JoinGroup, ReturningLeadersSince);

    /// <summary>Transactions with the members of groups in them stay, and where version 2 is finalized all that belongs to it.</summary>
    public static void KeepTransactions(IDictionary<short, (short Min, short Max)> limits, short version)
    {
        Keep(limits, ApiKey.InitProducerId, EpochsAreNamedSince);
        Keep(limits, ApiKey.OffsetFetch, StableOffsetsSince);
        Keep(limits, ApiKey.TxnOffsetCommit, version < 2 ? OffsetsAreFencedSince : OffsetsOfTransactions2);
        if (version < 2)
            return;
        Keep(limits, ApiKey.Produce, ProduceOfTransactions2);
        Keep(limits, ApiKey.EndTxn, EndOfTransactions2);
        Keep(limits, ApiKey.ApiVersions, FeaturesSince);
    }

    /// <summary>Members of the consumer protocol name topics by ids, and commit under an epoch (KIP-848).</summary>
    public static void KeepConsumerProtocol(IDictionary<short, (short Min, short Max)> limits)
    {
        Keep(limits, ApiKey.Metadata, MetadataByIdSince);
        Keep(limits, ApiKey.OffsetCommit, CommitsOfEpochsSince);
        Keep(limits, ApiKey.OffsetFetch, CommitsOfEpochsSince);
    }

    /// <summary>Whether brokers know all that belongs to transaction.version 2.</summary>
    public static bool KnowTransactions2(IDictionary<short, (short Min, short Max)> limits) =>
        Reaches(limits, ApiKey.Produce, ProduceOfTransactions2) && Reaches(limits, ApiKey.EndTxn, EndOfTransactions2)
        && Reaches(limits, ApiKey.TxnOffsetCommit, OffsetsOfTransactions2) && Reaches(limits, ApiKey.ApiVersions, FeaturesSince);

    static bool Reaches(IDictionary<short, (short Min, short Max)> limits, ApiKey api, short version) =>
        !limits.TryGetValue((short)api, out var limit) || limit.Max >= version;

    static void Keep(IDictionary<short, (short Min, short Max)> limits, ApiKey api, short version)
    {
        if (limits.TryGetValue((short)api, out var limit) && limit.Max < version)
            limits[(short)api] = (0, version);
    }
}
