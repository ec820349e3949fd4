using NetKafka.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>
/// The topics of one call and what has become of each: what is still open is asked for again, what is answered stays. Order
/// is the caller's.
/// </summary>
sealed class TopicItems
{
    readonly List<string> _order = [];
    readonly Dictionary<string, TopicResult?> _results = new(StringComparer.Ordinal);
    readonly string _verb;

    /// <param name="names">The topics; one named twice is answered with an error of its own.</param>
    /// <param name="verb">What was to be done to them: "created".</param>
    public TopicItems(IEnumerable<string> names, string verb)
    {
        _verb = verb;
        foreach (var name in names)
        {
            _order.Add(name);
            if (!_results.TryAdd(name, null))
                _results[name] = Failed(name, new KafkaException($"Topic '{name}' stands twice in one call; nothing was done to it.") { Code = ErrorCode.InvalidRequest });
        }
    }

    public bool IsOpen(string name) => _results.TryGetValue(name, out var result) && result is null;

    public IEnumerable<string> Open => _order.Where(IsOpen);

    /// <summary>Takes what a broker said of one topic. A topic that was not asked for, or is answered already, is ignored.</summary>
    /// <returns>The error to try again after; null where the topic is answered.</returns>
    public KafkaException? Take(string? name, ErrorCode code, string? detail, Func<string, TopicResult> onSuccess)
    {
        if (name is null || !IsOpen(name))
            return null;
        if (code == ErrorCode.None)
        {
            _results[name] = onSuccess(name);
            return null;
        }
        var error = KafkaErrors.From(code, detail, $"Topic '{name}' could not be {_verb}");
        if (code.IsRetriable() && code != ErrorCode.UnknownTopicOrPartition)
            return error;
        _results[name] = Failed(name, error);
        return null;
    }

    /// <summary>All results; what is open gets <paramref name="error"/>.</summary>
    public IReadOnlyList<TopicResult> Results(KafkaException? error = null) =>
        [.. _order.Distinct(StringComparer.Ordinal).Select(name => _results[name] ?? Failed(name, error))];

    static TopicResult Failed(string name, KafkaException? error) => new(name, Guid.Empty, -1, -1, error);
}
