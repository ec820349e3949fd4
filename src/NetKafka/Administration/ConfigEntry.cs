namespace NetKafka.Administration;

/// <summary>A configuration as it is.</summary>
/// <param name="Name">Kafka's name of it, such as <c>retention.ms</c>.</param>
/// <param name="Value">Its value; null where it has none, and always where it is a secret.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="Type">What kind of value it is.</param>
public sealed record ConfigEntry(string Name, string? Value, ConfigSource Source, ConfigValueType Type)
{
    /// <summary>Whether it cannot be changed while the broker runs.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether it is a secret, which is never told.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>What Kafka says of it; null where that was not asked for, or the broker is older than 2.6.</summary>
    public string? Documentation { get; init; }

    /// <summary>
    /// All values that it would have, in the order in which they count: the first is <see cref="Value"/>, the last Kafka's default. Empty where they
    /// were not asked for.
    /// </summary>
    public IReadOnlyList<ConfigSynonym> Synonyms { get; init; } = [];

    /// <summary>Whether the value is Kafka's own default.</summary>
    public bool IsDefault => Source == ConfigSource.Default;
}
