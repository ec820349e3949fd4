using System.Collections.Concurrent;
using System.Text;

namespace NetKafka.Load.Broker;

/// <summary>Every topic that was ever asked for: it is there as soon as it is named.</summary>
sealed class Topics(BrokerOptions options)
{
    readonly ConcurrentDictionary<string, TopicLog> _byName = new();

    public IEnumerable<TopicLog> All => _byName.Values;

    public TopicLog this[string name] => _byName.GetOrAdd(name, key => new TopicLog(key, TopicShape.Parse(key, options)));

    /// <summary>As the indexer, for a connection that asks for the same few topics over and over.</summary>
    public TopicLog Find(ReadOnlySpan<byte> name, List<TopicLog> seen)
    {
        foreach (var log in seen)
            if (name.SequenceEqual(log.NameBytes))
                return log;
        var found = this[Encoding.UTF8.GetString(name)];
        seen.Add(found);
        return found;
    }
}
