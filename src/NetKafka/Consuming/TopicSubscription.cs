using System.Text.RegularExpressions;

namespace NetKafka.Consuming;

/// <summary>
/// What a member of a group reads: topics by name, all that match a pattern, or both. Plain properties; see
/// <see cref="Consumer{TKey, TValue}.SubscribeAsync(TopicSubscription, CancellationToken)"/>. Later changes have no effect.
/// </summary>
public sealed class TopicSubscription
{
    // A name has at most 249 characters; what takes longer is a pattern that never ends.
    static readonly TimeSpan MatchPatience = TimeSpan.FromSeconds(1);

    /// <summary>The names of the topics. Default none.</summary>
    public IList<string> Topics { get; set; } = [];

    /// <summary>
    /// A regular expression of .NET; each topic of the cluster is read whose whole name it matches, and each new one within
    /// <see cref="KafkaClientOptions.MetadataMaxAge"/>. The client asks for the metadata of all topics for it. Default none.
    /// </summary>
    public string? Pattern { get; set; }

    /// <summary>A regular expression of .NET: of what <see cref="Pattern"/> matches, topics whose whole name it matches are left out. Default none.</summary>
    public string? ExcludePattern { get; set; }

    /// <summary>
    /// Whether <see cref="Pattern"/> leaves out Kafka's own topics, as <c>__consumer_offsets</c>. Default true. Kafka's name:
    /// <c>exclude.internal.topics</c>.
    /// </summary>
    public bool ExcludeInternalTopics { get; set; } = true;

    /// <summary>
    /// A regular expression of RE2 that the group's coordinator evaluates (KIP-848): each topic is read whose whole name it matches and that the
    /// principal may describe. It costs the client nothing, and takes the consumer protocol, so brokers from Kafka 4.0 on. Default none.
    /// </summary>
    public string? BrokerPattern { get; set; }

    internal bool IsEmpty => Topics.Count == 0 && Pattern is null && BrokerPattern is null;

    internal TopicSubscription Copy()
    {
        var copy = (TopicSubscription)MemberwiseClone();
        copy.Topics = [.. Topics.Distinct().Order(StringComparer.Ordinal)];
        return copy;
    }

    /// <summary>Says what cannot work; the names are those of the properties that the caller has set.</summary>
    internal void Check(GroupProtocol protocol, List<string> mistakes, string prefix = "")
    {
        var (pattern, exclude, broker) = (prefix + nameof(Pattern), prefix + nameof(ExcludePattern), prefix.Length > 0 ? "BrokerTopicPattern" : nameof(BrokerPattern));
        exclude = prefix.Length > 0 ? "TopicExcludePattern" : exclude;
        if (Topics is null || Topics.Any(string.IsNullOrEmpty))
            mistakes.Add("Topics has an empty name, or is null.");
        if (Pattern is "")
            mistakes.Add($"{pattern} is empty: give it a regular expression, or null.");
        if (BrokerPattern is "")
            mistakes.Add($"{broker} is empty: give it a regular expression of RE2, or null.");
        if (ExcludePattern is not null && Pattern is null)
            mistakes.Add($"{exclude} is set without {pattern}, from which it would leave topics out.");
        if (BrokerPattern is not null && protocol == GroupProtocol.Classic)
            mistakes.Add($"{broker} is set, which only the consumer protocol has: set GroupProtocol to Consumer or Automatic, or use {pattern}.");
        CheckExpression(Pattern, pattern, mistakes);
        CheckExpression(ExcludePattern, exclude, mistakes);
    }

    /// <summary>The whole name has to match, as with Java.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    internal static Regex Whole(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchPatience);

    static void CheckExpression(string? pattern, string name, List<string> mistakes)
    {
        try
        {
            _ = pattern is null ? null : Whole(pattern);
        }
        catch (ArgumentException illegal)
        {
            mistakes.Add($"{name} is no regular expression: {illegal.Message}");
        }
    }
}
