namespace NetKafka.Administration;

/// <summary>Whether one item of a call on several was dealt with as wanted.</summary>
/// <typeparam name="TItem">What the call was about: a topic's name, a partition, a group.</typeparam>
/// <param name="Item">The item, as the caller named it.</param>
/// <param name="Error">
/// Why it failed; null where it did not. A <see cref="KafkaTimeoutException"/> says whether the request was ever sent: if it was, what became of the
/// item is unknown.
/// </param>
public sealed record ItemOutcome<TItem>(TItem Item, KafkaException? Error)
{
    /// <summary>Whether it was dealt with as wanted.</summary>
    public bool Succeeded => Error is null;

    /// <summary>Throws where the item failed.</summary>
    /// <exception cref="KafkaException">The item failed; it is <see cref="Error"/>.</exception>
    public void EnsureSuccess()
    {
        if (Error is not null)
            throw Error;
    }
}
