using NetKafka.Consuming;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing.Transactions;

/// <summary>Offsets of a group that belong to the transaction.</summary>
/// <param name="group">The group, and the member whose generation is checked (KIP-447).</param>
/// <param name="offsets">The offsets, at most one a partition.</param>
/// <param name="call">Who waits.</param>
sealed class OffsetsJob(ConsumerGroupMetadata group, IReadOnlyList<TopicPartitionOffset> offsets, Call<bool> call)
{
    public ConsumerGroupMetadata Group { get; } = group;

    public IReadOnlyList<TopicPartitionOffset> Offsets { get; } = offsets;

    public Call<bool> Call { get; } = call;

    /// <summary>Whether the transaction's coordinator knows of the group. Brokers of transaction.version 2 tell it themselves.</summary>
    public bool IsGroupAdded { get; set; }
}
