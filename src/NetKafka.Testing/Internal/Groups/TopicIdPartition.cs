namespace NetKafka.Testing.Internal.Groups;

/// <summary>A partition of one topic for good: a topic that is created anew has another id. Ordered, so that walks are the same everywhere.</summary>
readonly record struct TopicIdPartition(Guid TopicId, int Partition) : IComparable<TopicIdPartition>
{
    public int CompareTo(TopicIdPartition other)
    {
        var byTopic = TopicId.CompareTo(other.TopicId);
        return byTopic != 0 ? byTopic : Partition.CompareTo(other.Partition);
    }
}
