using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Subscriptions;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>What the machines of one consumer of a group, or of partitions assigned by hand, share.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Options">What the user asked for, checked.</param>
/// <param name="Assignment">The partitions.</param>
/// <param name="Queue">Where the reading thread is met.</param>
/// <param name="Pool">Where buffers come from.</param>
/// <param name="Random">Where the spread of pauses comes from.</param>
/// <param name="RequestTimeout">How long a broker may take to answer.</param>
/// <param name="RetryBackoff">The pauses between tries.</param>
/// <param name="Owner">The number of this consumer's lanes.</param>
sealed record ConsumerContext(
    ICluster Cluster, ConsumerOptions Options, Assignment Assignment, FetchQueue Queue, SlabPool Pool, RandomSource Random,
    TimeSpan RequestTimeout, Backoff RetryBackoff, int Owner)
    : MemberContext(Cluster, Pool, Random, RequestTimeout, RetryBackoff, Owner)
{
    /// <summary>What the consumer subscribes to.</summary>
    public Subscription Subscription { get; } = new(Cluster);

    /// <summary>The time of day in milliseconds since 1970, by which positions of a moment are found.</summary>
    public required Func<long> UnixMilliseconds { get; init; }

    /// <summary>How long a replica that a leader has named is fetched from before the leader is asked again: as long as metadata counts.</summary>
    public TimeSpan ReplicaLease { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Makes a run of code of the application, to be dispatched. The second action is called in a turn once the first has ended, with what it
    /// threw.
    /// </summary>
    public Func<Action, Action<Exception?>, Dispatch>? MakeCodeRun { get; init; }

    /// <summary>Makes a run of those who are told of committed offsets, to be dispatched; null where there are none.</summary>
    public Func<IReadOnlyList<TopicPartitionOffset>, Dispatch>? MakeCommitRun { get; init; }

    public override TimeSpan Patience => Options.DefaultApiTimeout;

    public override bool MayHaveMoreTopics => Subscription.HasPattern;

    public bool IsReadCommitted => Options.IsolationLevel == IsolationLevel.ReadCommitted;

    /// <summary>Whether the application wants to know when it has come to the end of a partition.</summary>
    public bool TellsEnds => Options.OnPartitionEnd is not null;
}
