using System.Text.RegularExpressions;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>
/// The regular expressions that the members of a group subscribe to, and the topics that each was found to match. .NET's engine that
/// does not backtrack stands for RE2: what neither can do in linear time both refuse. What RE2 alone spells, such as (?P&lt;name&gt;…),
/// is refused here too.
/// </summary>
sealed class TopicRegexes
{
    readonly SortedDictionary<string, string[]> resolved = new(StringComparer.Ordinal);

    /// <summary>How many topics had been created when the expressions were last resolved.</summary>
    internal int TopicsCreated { get; private set; }

    /// <summary>When the expressions were last resolved; null for never.</summary>
    internal long? ResolvedAtMs { get; private set; }

    internal int Count => resolved.Count;

    /// <summary>Every topic that any expression matches.</summary>
    internal IEnumerable<string> Topics => resolved.Values.SelectMany(static topics => topics);

    /// <summary>Whether an expression can be used; if not, why.</summary>
    internal static bool TryCheck(string regex, out string problem)
    {
        try
        {
            _ = Compile(regex);
            problem = "";
            return true;
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            problem = refused.Message;
            return false;
        }
    }

    internal bool IsResolved(string regex) => resolved.ContainsKey(regex);

    /// <summary>The names that an expression matches; none before it is resolved.</summary>
    internal IEnumerable<string> TopicsOf(string regex) => resolved.TryGetValue(regex, out var topics) ? topics : [];

    internal void Forget(string regex) => resolved.Remove(regex);

    /// <summary>Looks which of the cluster's topics each expression matches, the whole name being meant.</summary>
    /// <returns>Whether any now matches others than before.</returns>
    internal bool Resolve(IEnumerable<string> regexes, ClusterState cluster, long nowMs)
    {
        var hasChanged = false;
        foreach (var regex in regexes)
        {
            var whole = Compile($"^(?:{regex})\\z");
            string[] topics = [.. cluster.Topics.Select(topic => topic.Name).Where(name => whole.IsMatch(name))];
            hasChanged |= !TopicsOf(regex).SequenceEqual(topics);
            resolved[regex] = topics;
        }

        (TopicsCreated, ResolvedAtMs) = (cluster.TopicsCreated, nowMs);
        return hasChanged;
    }

    static Regex Compile(string regex) => new(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
