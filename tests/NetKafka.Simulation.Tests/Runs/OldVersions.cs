using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Faults;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>How old the brokers of a run pose to be: the newest version of each API, down to what Kafka 2.1 speaks.</summary>
static class OldVersions
{
    const short StaticMembersSince = 5;
    const short TopicIdsSince = 10;
    const short ProduceByIdSince = 13;
    const short ConsumersAskEpochsSince = 3;

    static readonly (ApiKey Api, short Oldest, short Newest)[] Apis =
    [
        (ApiKey.Produce, 7, 13), (ApiKey.Fetch, 10, 18), (ApiKey.ListOffsets, 4, 11), (ApiKey.Metadata, 7, 13), (ApiKey.OffsetCommit, 6, 10),
        (ApiKey.OffsetFetch, 5, 10), (ApiKey.FindCoordinator, 2, 6), (ApiKey.JoinGroup, 3, 9), (ApiKey.Heartbeat, 2, 4), (ApiKey.LeaveGroup, 2, 5),
        (ApiKey.SyncGroup, 2, 5), (ApiKey.ApiVersions, 2, 4), (ApiKey.InitProducerId, 1, 6), (ApiKey.OffsetForLeaderEpoch, 1, 4),
    ];

    /// <summary>The APIs that the core uses.</summary>
    public static IEnumerable<ApiKey> Used => Apis.Select(static entry => entry.Api);

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
        !limits.TryGetValue((short)ApiKey.JoinGroup, out var limit) || limit.Max >= StaticMembersSince;

    /// <summary>
    /// What a run cannot do without stays. Without topic ids a topic that was created anew looks like an old view of the one before,
    /// and a client keeps to the newer one; by name the second of two batches may be the first in the new log. Before version 3
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
        }
        if (meets(FaultKind.UncleanElection))
            Keep(limits, ApiKey.OffsetForLeaderEpoch, ConsumersAskEpochsSince);
    }

    /// <summary>Static members that are there stay.</summary>
    public static void KeepStaticMembers(IDictionary<short, (short Min, short Max)> limits) => Keep(limits, ApiKey.JoinGroup, StaticMembersSince);

    static void Keep(IDictionary<short, (short Min, short Max)> limits, ApiKey api, short version)
    {
        if (limits.TryGetValue((short)api, out var limit) && limit.Max < version)
            limits[(short)api] = (0, version);
    }
}
