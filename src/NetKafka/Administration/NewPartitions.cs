namespace NetKafka.Administration;

/// <summary>How many partitions a topic is to have.</summary>
/// <param name="TotalCount">How many in all, those that it has included: there can only be more.</param>
public sealed record NewPartitions(int TotalCount)
{
    /// <summary>
    /// On which brokers the copies of each new partition are to be, in their order, by node ids, the preferred leader first. Default: none, the cluster
    /// chooses.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Assignments { get; init; } = [];
}
