using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>What the machines of one share consumer share.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Options">What the user asked for, checked.</param>
/// <param name="Queue">Where the application is met.</param>
/// <param name="Pool">Where buffers come from.</param>
/// <param name="Random">Where the spread of pauses comes from.</param>
/// <param name="RequestTimeout">How long a broker may take to answer.</param>
/// <param name="RetryBackoff">The pauses between tries.</param>
/// <param name="Owner">The number of this consumer's lanes.</param>
sealed record ShareContext(
    ICluster Cluster, ShareConsumerOptions Options, ShareQueue Queue, SlabPool Pool, RandomSource Random,
    TimeSpan RequestTimeout, Backoff RetryBackoff, int Owner)
    : MemberContext(Cluster, Pool, Random, RequestTimeout, RetryBackoff, Owner)
{
    public string Group => Options.GroupId!;

    public override TimeSpan Patience => Options.DefaultApiTimeout;

    public bool IsRecordLimit => Options.AcquireMode == ShareAcquireMode.RecordLimit;
}
