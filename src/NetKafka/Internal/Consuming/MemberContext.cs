using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>What the machines of one consumer share, of whichever kind it is.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Pool">Where buffers come from.</param>
/// <param name="Random">Where the spread of pauses comes from.</param>
/// <param name="RequestTimeout">How long a broker may take to answer.</param>
/// <param name="RetryBackoff">The pauses between tries.</param>
/// <param name="Owner">The number of this consumer's lanes.</param>
abstract record MemberContext(
    ICluster Cluster, SlabPool Pool, RandomSource Random, TimeSpan RequestTimeout, Backoff RetryBackoff, int Owner)
{
    /// <summary>Where a defect of one of these machines ends: with the consumer.</summary>
    public Func<Exception, bool> OnDefect { get; set; } = _ => false;

    /// <summary>The rack this client runs in; null where it was not told.</summary>
    public string? Rack { get; init; }

    /// <summary>How long a reader waits for a first broker, and for topics of which none exists.</summary>
    public abstract TimeSpan Patience { get; }

    /// <summary>Whether what is read may come to be by a topic that is only created, so that nothing is missing.</summary>
    public virtual bool MayHaveMoreTopics => false;

    public LaneKey FetchLane => new(LaneRole.Fetch, Owner);

    public LaneKey GroupLane => new(LaneRole.Group, Owner);
}
