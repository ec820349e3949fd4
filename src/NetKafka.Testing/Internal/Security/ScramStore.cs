namespace NetKafka.Testing.Internal.Security;

/// <summary>For each user the mechanisms that it has SCRAM credentials for, with their iterations. Nobody logs in with them here.</summary>
sealed class ScramStore
{
    readonly SortedDictionary<string, SortedDictionary<sbyte, int>> users = new(StringComparer.Ordinal);

    internal IEnumerable<string> Users => users.Keys;

    internal IReadOnlyDictionary<sbyte, int>? Find(string user) => users.GetValueOrDefault(user);

    internal void Set(string user, sbyte mechanism, int iterations)
    {
        if (!users.TryGetValue(user, out var own))
            users.Add(user, own = []);
        own[mechanism] = iterations;
    }

    internal void Delete(string user, sbyte mechanism)
    {
        if (users.TryGetValue(user, out var own) && own.Remove(mechanism) && own.Count == 0)
            users.Remove(user);
    }
}
