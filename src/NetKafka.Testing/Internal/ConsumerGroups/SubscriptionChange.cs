namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>Whether a member subscribes to something else than before.</summary>
enum SubscriptionChange
{
    None,

    /// <summary>To an expression of which nobody has yet looked what it matches: the epoch rises once that is known.</summary>
    Unresolved,

    /// <summary>To topics that are known.</summary>
    Known,
}
