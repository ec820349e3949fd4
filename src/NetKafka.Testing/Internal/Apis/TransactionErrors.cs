using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>How the coordinator's errors are said to producers of different ages.</summary>
static class TransactionErrors
{
    /// <summary>PRODUCER_FENCED is INVALID_PRODUCER_EPOCH to producers that do not know it.</summary>
    internal static ErrorCode For(short version, short fencedSince, ErrorCode error) =>
        error == ErrorCode.ProducerFenced && version < fencedSince ? ErrorCode.InvalidProducerEpoch : error;
}
