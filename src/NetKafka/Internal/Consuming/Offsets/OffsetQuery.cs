using NetKafka.Consuming;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>A user's question for offsets of partitions, assigned or not.</summary>
sealed class OffsetQuery(IReadOnlyList<(TopicPartition Partition, long TimestampMs)> wanted, IsolationLevel isolation, Call<IReadOnlyList<TopicPartitionTime>> call)
{
    public Call<IReadOnlyList<TopicPartitionTime>> Call { get; } = call;

    public IsolationLevel Isolation { get; } = isolation;

    public SortedDictionary<TopicPartition, long> Pending { get; } = ToPending(wanted);

    public SortedDictionary<TopicPartition, TopicPartitionTime> Found { get; } = [];

    /// <summary>The topics that are watched for it.</summary>
    public List<string> Topics { get; } = [.. wanted.Select(item => item.Partition.Topic).Distinct()];

    public int UnderWay { get; set; }

    public int Failures { get; set; }

    public Instant NotBefore { get; set; } = Instant.Start;

    public KafkaException? LastError { get; set; }

    static SortedDictionary<TopicPartition, long> ToPending(IReadOnlyList<(TopicPartition Partition, long TimestampMs)> wanted)
    {
        var pending = new SortedDictionary<TopicPartition, long>();
        foreach (var (partition, timestampMs) in wanted)
            pending[partition] = timestampMs;
        return pending;
    }
}
