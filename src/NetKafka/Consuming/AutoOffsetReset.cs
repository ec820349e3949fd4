namespace NetKafka.Consuming;

/// <summary>Where to begin in a partition for which the group has no offset, or one that the log does not hold.</summary>
public enum AutoOffsetReset
{
    /// <summary>At the end: only what is written from then on. Java's default, and a consumer's here.</summary>
    Latest,

    /// <summary>At the oldest record that the log still holds.</summary>
    Earliest,

    /// <summary>Nowhere: reading throws, and goes on once a position was set by a seek.</summary>
    None,
}
