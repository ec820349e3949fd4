using NetKafka.Internal.Cluster;
using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// P9 and P13 of what clients know of topics: partitions are not forgotten for an error that may pass, and a leader's epoch never
/// falls while the topic is the same and was not forgotten: a client that falls back asks a leader that is none any more.
/// </summary>
sealed class ViewChecker(Violations violations)
{
    readonly Dictionary<string, ClusterView> _views = new(StringComparer.Ordinal);

    /// <summary>Looks at a client's view, if it is another one than last time.</summary>
    public void Look(string client, ClusterView view)
    {
        if (_views.TryGetValue(client, out var before))
        {
            if (ReferenceEquals(before, view))
                return;
            foreach (var topic in view.Topics.Values)
            {
                if (!before.Topics.TryGetValue(topic.Name, out var known))
                    continue;
                if (topic.Partitions.Length < known.Partitions.Length && topic.Error.IsRetriable())
                    violations.Add("P13 nothing is forgotten", $"{client} has forgotten partitions of {topic.Name} for {topic.Error}, which may pass");
                if (known.Id == topic.Id)
                    Compare(client, known, topic);
            }
        }
        _views[client] = view;
    }

    void Compare(string client, TopicView before, TopicView after)
    {
        for (var i = 0; i < Math.Min(before.Partitions.Length, after.Partitions.Length); i++)
        {
            var (known, epoch) = (before.Partitions[i].LeaderEpoch, after.Partitions[i].LeaderEpoch);
            if (epoch < known)
                violations.Add("P9 leader epochs do not fall", $"{client} knew epoch {known} of {after.Name}-{i}, and believes in {epoch}");
        }
    }
}
