namespace NetKafka.Administration;

/// <summary>The work of one subtopology on one partition (KIP-1071).</summary>
/// <param name="SubtopologyId">The subtopology.</param>
/// <param name="Partition">The partition of its topics.</param>
public readonly record struct StreamsTask(string SubtopologyId, int Partition)
{
    /// <summary>Reads as "0_3".</summary>
    /// <returns>Subtopology and partition.</returns>
    public override string ToString() => $"{SubtopologyId}_{Partition}";
}
