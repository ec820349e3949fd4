using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Cluster;

/// <summary>
/// What a new piece of metadata makes of the old view. An answer may come from a broker that lags behind, so nothing is
/// taken back on its word: an older leader epoch is ignored unless the topic is another one now (its id changed), and a
/// topic that it reports in error keeps the partitions that were known. Rows that make no sense are left out.
/// </summary>
static class ViewMerge
{
    // A partition number is a broker's word; a topic has at most this many more than rows in the answer.
    const int MaxPartitions = 1_000_000;

    /// <param name="view">What was known.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="watched">The topics of interest.</param>
    /// <param name="isAll">Whether all topics were asked for: those of the answer are kept too, and what it lacks it does not know.</param>
    public static ClusterView WithAnswer(ClusterView view, MetadataResponse answer, IEnumerable<string> watched, bool isAll = false)
    {
        var brokers = new SortedDictionary<int, BrokerView>();
        foreach (var row in answer.Brokers)
        {
            if (row.NodeId >= 0 && row.Host.Length > 0 && row.Port is > 0 and <= 65535)
                brokers[row.NodeId] = new BrokerView(row.NodeId, row.Host, row.Port, row.Rack);
        }
        // After a new start from the bootstrap list it may be another cluster, to which nothing of the old one applies.
        if (view.ClusterId is not null && answer.ClusterId is not null && view.ClusterId != answer.ClusterId)
            view = ClusterView.Empty with { Generation = view.Generation };
        var topics = new Dictionary<string, TopicView>();
        var wanted = new SortedSet<string>(watched, StringComparer.Ordinal);
        foreach (var topic in wanted)
        {
            if (isAll)
                topics[topic] = Merge(view.Topics.GetValueOrDefault(topic), Missing(topic));
            else if (view.Topics.TryGetValue(topic, out var known))
                topics[topic] = known;
        }
        foreach (var row in answer.Topics)
        {
            // What was not asked for would only cost memory.
            if (!string.IsNullOrEmpty(row.Name) && (isAll || wanted.Contains(row.Name)))
                topics[row.Name] = Merge(view.Topics.GetValueOrDefault(row.Name), row);
        }
        // An answer without brokers says nothing of the cluster; the last good list stays.
        return new ClusterView(
            view.Generation + 1, answer.ClusterId ?? view.ClusterId, answer.ControllerId,
            brokers.Count > 0 ? brokers : view.Brokers, topics)
        { HasAllTopics = isAll };
    }

    /// <summary>The view as it is where no broker is known that could be asked.</summary>
    public static ClusterView WithoutBrokers(ClusterView view) =>
        view with { Generation = view.Generation + 1, Brokers = ClusterView.Empty.Brokers };

    /// <summary>Whether something that is watched has no leader or an error that may pass, so that another answer is wanted soon.</summary>
    public static bool IsUnfinished(ClusterView view, IEnumerable<string> watched)
    {
        foreach (var topic in watched)
        {
            if (!view.Topics.TryGetValue(topic, out var known) || known.Error.IsRetriable())
                return true;
            foreach (var partition in known.Partitions)
            {
                if (partition.LeaderId < 0)
                    return true;
            }
        }
        return view.Brokers.Count == 0;
    }

    /// <summary>The view with a leader that a response named; null where that is no news.</summary>
    public static ClusterView? WithLeader(ClusterView view, string topic, Guid topicId, int partition, int leaderId, int leaderEpoch)
    {
        if (leaderId < 0 || !view.TryGetPartition(topic, partition, out var known) || leaderEpoch <= known.LeaderEpoch)
            return null;
        var old = view.Topics[topic];
        if (old.Id != topicId && old.Id != Guid.Empty && topicId != Guid.Empty)
            return null;
        var partitions = (PartitionView[])old.Partitions.Clone();
        partitions[partition] = known with { LeaderId = leaderId, LeaderEpoch = leaderEpoch, Error = ErrorCode.None };
        return view with
        {
            Generation = view.Generation + 1,
            Topics = new Dictionary<string, TopicView>(view.Topics) { [topic] = old with { Partitions = partitions } },
        };
    }

    /// <summary>The view with a broker that a response named; null where that is no news.</summary>
    public static ClusterView? WithBroker(ClusterView view, BrokerView broker)
    {
        if (broker.NodeId < 0 || broker.Host.Length == 0 || broker.Port is <= 0 or > 65535
            || (view.Brokers.TryGetValue(broker.NodeId, out var known) && known.Host == broker.Host && known.Port == broker.Port))
            return null;
        var brokers = new SortedDictionary<int, BrokerView>();
        foreach (var (id, other) in view.Brokers)
            brokers[id] = other;
        brokers[broker.NodeId] = broker;
        return view with { Generation = view.Generation + 1, Brokers = brokers };
    }

    static MetadataResponse.MetadataResponseTopic Missing(string topic) =>
        new() { Name = topic, ErrorCode = ErrorCode.UnknownTopicOrPartition, Partitions = [] };

    static TopicView Merge(TopicView? known, MetadataResponse.MetadataResponseTopic row)
    {
        var isSame = known is not null && (known.Id == row.TopicId || row.TopicId == Guid.Empty || known.Id == Guid.Empty);
        if (row.ErrorCode != ErrorCode.None && row.Partitions.Length == 0)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.TopicErrorWipesThePartitions))
                return new TopicView(row.Name!, row.TopicId, row.IsInternal, [], row.ErrorCode);
#endif
            return known is not null
                ? known with { Error = row.ErrorCode }
                : new TopicView(row.Name!, row.TopicId, row.IsInternal, [], row.ErrorCode);
        }
        var old = isSame ? known!.Partitions : [];
        var partitions = new PartitionView[CountPartitions(row, old.Length)];
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] = i < old.Length ? old[i] : new PartitionView(i, -1, -1, [], [], ErrorCode.LeaderNotAvailable);
        foreach (var partition in row.Partitions)
        {
            if ((uint)partition.PartitionIndex >= (uint)partitions.Length)
                continue;
            var before = partitions[partition.PartitionIndex];
            var isOlder = partition.LeaderEpoch >= 0 && partition.LeaderEpoch < before.LeaderEpoch;
#if NETKAFKA_CHECKED
            isOlder &= !Planted.Has(Bug.OlderLeaderIsTaken);
#endif
            if (isOlder)
                continue;
            partitions[partition.PartitionIndex] = new PartitionView(
                partition.PartitionIndex, Math.Max(-1, partition.LeaderId), Math.Max(-1, partition.LeaderEpoch),
                partition.ReplicaNodes, partition.IsrNodes, partition.ErrorCode);
        }
        var id = row.TopicId != Guid.Empty || known is null ? row.TopicId : known.Id;
        return new TopicView(row.Name!, id, row.IsInternal, partitions, row.ErrorCode);
    }

    static int CountPartitions(MetadataResponse.MetadataResponseTopic row, int known)
    {
        var count = Math.Max(known, row.Partitions.Length);
        foreach (var partition in row.Partitions)
        {
            if (partition.PartitionIndex >= count && partition.PartitionIndex < MaxPartitions && partition.PartitionIndex < 2 * row.Partitions.Length + 64)
                count = partition.PartitionIndex + 1;
        }
        return count;
    }
}
