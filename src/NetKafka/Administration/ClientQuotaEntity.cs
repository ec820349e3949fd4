namespace NetKafka.Administration;

/// <summary>
/// Who a client quota is for (KIP-546): a user, a client id, both together, or an IP address, each by its name or as the default of all that have
/// none of their own. Two are equal where their parts are.
/// </summary>
public sealed class ClientQuotaEntity : IEquatable<ClientQuotaEntity>
{
    /// <summary>Kafka's word for users as a part of an entity.</summary>
    public const string UserType = "user";

    /// <summary>Kafka's word for client ids as a part of an entity.</summary>
    public const string ClientIdType = "client-id";

    /// <summary>Kafka's word for IP addresses as a part of an entity.</summary>
    public const string IpType = "ip";

    readonly SortedDictionary<string, string?> _parts;

    /// <summary>An entity of any parts.</summary>
    /// <param name="parts">The name for each of Kafka's words, such as <see cref="UserType"/>; null for the default.</param>
    public ClientQuotaEntity(IEnumerable<KeyValuePair<string, string?>> parts)
    {
        _parts = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (type, name) in parts)
            _parts[type] = name;
        Parts = _parts.AsReadOnly();
    }

    /// <summary>The name for each of Kafka's words, such as <see cref="UserType"/>; null for the default.</summary>
    public IReadOnlyDictionary<string, string?> Parts { get; }

    /// <summary>A user with whatever client id.</summary>
    /// <param name="name">The user; null for the default of users.</param>
    /// <returns>The entity.</returns>
    public static ClientQuotaEntity User(string? name) => new([new(UserType, name)]);

    /// <summary>A client id of whatever user.</summary>
    /// <param name="name">The client id; null for the default of client ids.</param>
    /// <returns>The entity.</returns>
    public static ClientQuotaEntity ClientId(string? name) => new([new(ClientIdType, name)]);

    /// <summary>A user together with a client id.</summary>
    /// <param name="user">The user; null for the default of users.</param>
    /// <param name="clientId">The client id; null for the default of client ids.</param>
    /// <returns>The entity.</returns>
    public static ClientQuotaEntity UserAndClientId(string? user, string? clientId) => new([new(UserType, user), new(ClientIdType, clientId)]);

    /// <summary>An IP address (KIP-612).</summary>
    /// <param name="address">The address; null for the default of addresses.</param>
    /// <returns>The entity.</returns>
    public static ClientQuotaEntity Ip(string? address) => new([new(IpType, address)]);

    /// <inheritdoc/>
    public bool Equals(ClientQuotaEntity? other) => other is not null && _parts.SequenceEqual(other._parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClientQuotaEntity);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var (type, name) in _parts)
        {
            hash.Add(type);
            hash.Add(name);
        }
        return hash.ToHashCode();
    }

    /// <summary>Reads as "client-id 'app', default user".</summary>
    /// <returns>All its parts.</returns>
    public override string ToString() =>
        _parts.Count == 0 ? "nobody" : string.Join(", ", _parts.Select(static part => part.Value is null ? $"default {part.Key}" : $"{part.Key} '{part.Value}'"));
}
