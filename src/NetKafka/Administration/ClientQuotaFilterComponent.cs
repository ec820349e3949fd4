namespace NetKafka.Administration;

/// <summary>What a part of an entity must be for its quotas to be described (KIP-546).</summary>
public readonly record struct ClientQuotaFilterComponent
{
    ClientQuotaFilterComponent(string entityType, Kind way, string? name = null) => (EntityType, Way, Name) = (entityType, way, name);

    /// <summary>The wire's numbers.</summary>
    internal enum Kind : sbyte
    {
        Exact = 0,
        Default = 1,
        Specified = 2,
    }

    /// <summary>Which part, by Kafka's word for it, such as <see cref="ClientQuotaEntity.UserType"/>.</summary>
    public string EntityType { get; }

    /// <summary>The name that it must have; null where it need not have one.</summary>
    public string? Name { get; }

    internal Kind Way { get; }

    /// <summary>The part has this name.</summary>
    /// <param name="entityType">Kafka's word for it, such as <see cref="ClientQuotaEntity.UserType"/>.</param>
    /// <param name="name">The name.</param>
    /// <returns>The component.</returns>
    public static ClientQuotaFilterComponent Exact(string entityType, string name) => new(entityType, Kind.Exact, name);

    /// <summary>The part is the default.</summary>
    /// <param name="entityType">Kafka's word for it, such as <see cref="ClientQuotaEntity.UserType"/>.</param>
    /// <returns>The component.</returns>
    public static ClientQuotaFilterComponent Default(string entityType) => new(entityType, Kind.Default);

    /// <summary>The part is there, by whatever name or as the default.</summary>
    /// <param name="entityType">Kafka's word for it, such as <see cref="ClientQuotaEntity.UserType"/>.</param>
    /// <returns>The component.</returns>
    public static ClientQuotaFilterComponent Any(string entityType) => new(entityType, Kind.Specified);

    /// <summary>Reads as "user 'alice'", "default user" or "any user".</summary>
    /// <returns>What the part must be.</returns>
    public override string ToString() => Way switch
    {
        Kind.Exact => $"{EntityType} '{Name}'",
        Kind.Default => $"default {EntityType}",
        _ => $"any {EntityType}",
    };
}
