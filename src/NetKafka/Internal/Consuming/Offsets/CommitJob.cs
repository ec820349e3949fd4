using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>Offsets on their way to the coordinator.</summary>
/// <param name="Offsets">What to commit, with the partitions as they were.</param>
/// <param name="Deadline">Until when it is tried.</param>
/// <param name="IsOwn">
/// Whether they are what is finished, and not what a caller named: what was committed beyond them meanwhile is not taken back.
/// </param>
/// <param name="IsLast">Whether the partitions are given up after it, so that a rebalance is nothing to wait for.</param>
/// <param name="OnEnd">Told the outcome once: null, or why not.</param>
sealed record CommitJob(
    List<CommitJob.Entry> Offsets, Instant Deadline, bool IsOwn, bool IsLast, Action<KafkaException?, Effects> OnEnd)
{
    /// <summary>An offset, the partition it is for, and how often that had been sought; and in whose topic's log the offset is.</summary>
    public readonly record struct Entry(TopicPartitionOffset Offset, AssignedPartition Partition, int Seeks)
    {
        public Guid TopicId { get; } = Partition.TopicId;
    }

    public int Attempts { get; set; }

    public KafkaException? LastError { get; set; }

    /// <summary>The request that is under way.</summary>
    public BrokerRequest? Request { get; set; }

    /// <summary>Whether that has left its connection's queue.</summary>
    public bool IsWritten { get; set; }

    /// <summary>The generation under which it was sent.</summary>
    public int SentGeneration { get; set; } = -1;
}
