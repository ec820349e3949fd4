namespace NetKafka.Administration;

/// <summary>What became of one item of a call on several: a value, or an error of its own.</summary>
/// <typeparam name="TItem">What the call was about: a topic's name, a partition, a group.</typeparam>
/// <typeparam name="TValue">What is told of it.</typeparam>
/// <param name="Item">The item, as the caller named it.</param>
/// <param name="Value">What is told of it; the default of its type where there is an error.</param>
/// <param name="Error">
/// Why it failed; null where it did not. A <see cref="KafkaTimeoutException"/> says whether the request was ever sent: if it was, what became of the
/// item is unknown.
/// </param>
public sealed record ItemResult<TItem, TValue>(TItem Item, TValue? Value, KafkaException? Error)
{
    /// <summary>Whether there is a value.</summary>
    public bool Succeeded => Error is null;

    /// <summary>The value.</summary>
    /// <returns>What is told of the item.</returns>
    /// <exception cref="KafkaException">The item failed; it is <see cref="Error"/>.</exception>
    public TValue GetOrThrow() => Error is null ? Value! : throw Error;
}
