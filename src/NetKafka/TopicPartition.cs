namespace NetKafka;

/// <summary>A partition of a topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
public readonly record struct TopicPartition(string Topic, int Partition) : IComparable<TopicPartition>
{
    /// <summary>Orders by topic (ordinal), then by partition.</summary>
    /// <param name="other">The partition to compare with.</param>
    /// <returns>Less than, equal to or greater than zero, as for every comparison.</returns>
    public int CompareTo(TopicPartition other)
    {
        var byTopic = string.CompareOrdinal(Topic, other.Topic);
        return byTopic != 0 ? byTopic : Partition.CompareTo(other.Partition);
    }

    /// <summary>The partition as Kafka's tools write it: <c>payments-3</c>.</summary>
    /// <returns>Topic, a dash and the number.</returns>
    public override string ToString() => $"{Topic}-{Partition}";
}
