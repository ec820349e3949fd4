#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>What an error of an item means for an admin call.</summary>
static class AdminErrors
{
    /// <summary>Whether the item is asked for again. What does not exist may come to exist, which is nothing that an admin waits for.</summary>
    public static bool MayPass(ErrorCode code)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.MoveIsShown) && IsMove(code))
            return false;
#endif
        return IsMove(code) || code is ErrorCode.CoordinatorLoadInProgress or ErrorCode.RequestTimedOut
            or ErrorCode.NetworkException or ErrorCode.ConcurrentTransactions or ErrorCode.ThrottlingQuotaExceeded or ErrorCode.UnstableOffsetCommit
            or ErrorCode.OffsetNotAvailable or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.KafkaStorageError;
    }

    /// <summary>Whether another broker is to be asked than was.</summary>
    public static bool IsMove(ErrorCode code) => code is ErrorCode.NotController or ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable
        or ErrorCode.NotLeaderOrFollower or ErrorCode.LeaderNotAvailable or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch
        or ErrorCode.ReplicaNotAvailable or ErrorCode.BrokerNotAvailable;
}
