namespace NetKafka.Administration;

/// <summary>What all brokers together told of: a broker that failed takes nothing from what the others told.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">What was told, each thing once.</param>
/// <param name="Failures">The node ids of brokers that told nothing, each with its error; empty where all did.</param>
public sealed record ListResult<T>(IReadOnlyList<T> Items, IReadOnlyList<ItemOutcome<int>> Failures)
{
    /// <summary>The whole list.</summary>
    /// <returns>What was told.</returns>
    /// <exception cref="KafkaException">A broker told nothing, so that something may be missing.</exception>
    public IReadOnlyList<T> GetOrThrow() => Failures.Count == 0 ? Items : throw Failures[0].Error!;
}
