using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>How old the brokers of a run pose to be: the newest version of each API, down to what Kafka 2.1 speaks.</summary>
static class OldVersions
{
    static readonly (ApiKey Api, short Oldest, short Newest)[] Apis =
    [
        (ApiKey.Produce, 7, 13), (ApiKey.Fetch, 10, 18), (ApiKey.ListOffsets, 4, 11), (ApiKey.Metadata, 7, 13), (ApiKey.OffsetCommit, 6, 10),
        (ApiKey.OffsetFetch, 5, 10), (ApiKey.FindCoordinator, 2, 6), (ApiKey.JoinGroup, 3, 9), (ApiKey.Heartbeat, 2, 4), (ApiKey.LeaveGroup, 2, 5),
        (ApiKey.SyncGroup, 2, 5), (ApiKey.ApiVersions, 2, 4), (ApiKey.InitProducerId, 1, 6), (ApiKey.OffsetForLeaderEpoch, 1, 4),
    ];

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
}
