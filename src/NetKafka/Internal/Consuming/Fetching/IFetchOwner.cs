using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>Who is told what fetching brought, and decides what becomes of a partition that cannot be fetched as it is.</summary>
interface IFetchOwner
{
    /// <summary>Something waits for the reader.</summary>
    void OnArrival();

    /// <summary>The log does not hold the offset.</summary>
    void OnOutOfRange(AssignedPartition partition, Instant now);

    /// <summary>The broker will not serve it, however often it is asked.</summary>
    void OnRefused(AssignedPartition partition, ErrorCode error);
}
