namespace NetKafka.Testing.Internal.StreamsGroups;

/// <summary>The work of one subtopology on one partition. Ordered, so that walks are the same everywhere.</summary>
readonly record struct StreamsTaskId(string Subtopology, int Partition) : IComparable<StreamsTaskId>
{
    public int CompareTo(StreamsTaskId other)
    {
        var bySubtopology = string.CompareOrdinal(Subtopology, other.Subtopology);
        return bySubtopology != 0 ? bySubtopology : Partition.CompareTo(other.Partition);
    }
}
