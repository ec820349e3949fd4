namespace NetKafka.Administration;

/// <summary>Which transactional ids are listed: those that all of this holds for.</summary>
public sealed record TransactionFilter
{
    /// <summary>Their transactions are in one of these states; none, the default, for any. <see cref="TransactionState.Unknown"/> is no state to ask for.</summary>
    public IReadOnlyList<TransactionState> States { get; init; } = [];

    /// <summary>Their producers are of these ids; none, the default, for any.</summary>
    public IReadOnlyList<long> ProducerIds { get; init; } = [];

    /// <summary>Their transactions have been open for longer than this (KIP-994; ListTransactions 1); null, the default, for any.</summary>
    public TimeSpan? MinDuration { get; init; }

    /// <summary>The whole id matches this regular expression of the broker's (RE2; KIP-1152; ListTransactions 2); null, the default, for any.</summary>
    public string? TransactionalIdPattern { get; init; }
}
