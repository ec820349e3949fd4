namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>What a member owns, or owned last, and the generation in which it got it; −1 where that is not told.</summary>
readonly record struct Ownership(IReadOnlyList<TopicPartition> Partitions, int Generation)
{
    public static readonly Ownership None = new([], -1);
}
