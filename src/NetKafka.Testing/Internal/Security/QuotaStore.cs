using System.Net;

namespace NetKafka.Testing.Internal.Security;

/// <summary>The client quotas that are set, by entity. They are kept, not enforced. Left out: host names in the place of IP addresses.</summary>
sealed class QuotaStore
{
    internal const string User = "user";
    internal const string ClientId = "client-id";
    internal const string Ip = "ip";

    static readonly string[] OfClients = ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];
    static readonly string[] OfAddresses = ["connection_creation_rate"];

    readonly SortedDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    internal IEnumerable<Entry> All => entries.Values;

    /// <summary>Changes the quotas of one entity together; null removes one.</summary>
    internal void Alter(IReadOnlyDictionary<string, string?> entity, IEnumerable<(string Name, double? Value)> quotas)
    {
        var key = KeyOf(entity);
        if (!entries.TryGetValue(key, out var entry))
            entries.Add(key, entry = new Entry(entity, new(StringComparer.Ordinal)));
        foreach (var (name, value) in quotas)
        {
            if (value is { } rate)
                entry.Quotas[name] = rate;
            else
                entry.Quotas.Remove(name);
        }

        if (entry.Quotas.Count == 0)
            entries.Remove(key);
    }

    /// <summary>Why an entity can have no quotas; null where it can.</summary>
    internal static string? Mistake(IReadOnlyList<(string Type, string? Name)> entity)
    {
        if (entity.Count == 0)
            return "Invalid empty client quota entity";
        foreach (var (type, name) in entity)
        {
            if (type is not (User or ClientId or Ip))
                return $"Unhandled client quota entity type: {type}";
            if (name is "")
                return $"Empty {type} not supported";
        }

        var address = entity.Where(part => part.Type == Ip).ToArray();
        if (address.Length > 0 && entity.Count > address.Length)
            return "Invalid quota entity combination, IP entity should not be combined with User or ClientId";
        return address.Length > 0 && address[0].Name is { } ip && !IPAddress.TryParse(ip, out _) ? $"{ip} is not a valid IP or resolvable host." : null;
    }

    /// <summary>Why a quota cannot be set; null where it can.</summary>
    internal static string? Mistake(bool isOfAddress, string name, double value)
    {
        if (!(isOfAddress ? OfAddresses : OfClients).Contains(name))
            return $"Invalid configuration key {name}";
        if (!(value > 0))
            return $"Quota {name} must be greater than 0";
        if (name is "request_percentage" or "controller_mutation_rate")
            return null;
        if (value > (isOfAddress ? int.MaxValue : long.MaxValue))
            return $"Proposed value for {name} is too large for {(isOfAddress ? "an INT" : "a LONG")}.";
        return Math.Abs(value % 1.0) > 1e-6 ? $"{name} cannot be a fractional value." : null;
    }

    /// <summary>The parts in one order; a default has no name, which is not the same as an empty one.</summary>
    static string KeyOf(IReadOnlyDictionary<string, string?> entity) =>
        string.Join('\0', entity.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => part.Value is null ? part.Key : $"{part.Key}={part.Value}"));

    internal sealed record Entry(IReadOnlyDictionary<string, string?> Entity, SortedDictionary<string, double> Quotas);
}
