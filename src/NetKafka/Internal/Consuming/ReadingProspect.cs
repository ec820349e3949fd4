using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming;

/// <summary>
/// Whether one who waits for records can hope for any. An outage is waited out; but where no broker has ever answered, or
/// nothing of what is to be read exists, the reader is told so once it has waited for <c>DefaultApiTimeout</c>: behind both
/// stands a wrong name more often than not.
/// </summary>
sealed class ReadingProspect(MemberContext context)
{
    Instant _until = Instant.Never;

    /// <summary>Looks at what a waiting reader waits for.</summary>
    /// <param name="topics">The topics that are subscribed to.</param>
    /// <param name="partitions">The partitions that were assigned by hand.</param>
    /// <param name="now">The time.</param>
    /// <param name="next">When to look again.</param>
    /// <returns>What to tell the reader; null while there is hope, or time left.</returns>
    public KafkaTimeoutException? Look(
        IEnumerable<string> topics, IEnumerable<TopicPartition> partitions, Instant now, out Instant next)
    {
        var view = context.Cluster.View;
        var isReached = view.Brokers.Count > 0;
        if (isReached && (context.MayHaveMoreTopics || topics.Any(topic => !IsMissing(view, topic)) || partitions.Any(partition => !IsMissing(view, partition))))
        {
            Reset(out next);
            return null;
        }
        if (_until == Instant.Never)
            _until = now + context.Patience;
        next = _until;
        if (_until > now)
            return null;
        Reset(out next);
        return isReached ? Missing(view, topics, partitions) : Unreached(context.Cluster.LastFailure);
    }

    /// <summary>Nobody waits.</summary>
    public void Reset() => _until = Instant.Never;

    void Reset(out Instant next) => next = _until = Instant.Never;

    static bool IsMissing(ClusterView view, string topic) =>
        view.Topics.TryGetValue(topic, out var known) && known.Error == ErrorCode.UnknownTopicOrPartition && known.Partitions.Length == 0;

    static bool IsMissing(ClusterView view, TopicPartition partition) =>
        IsMissing(view, partition.Topic)
        || (view.Topics.TryGetValue(partition.Topic, out var known) && known.Error == ErrorCode.None && partition.Partition >= known.Partitions.Length);

    KafkaTimeoutException Missing(ClusterView view, IEnumerable<string> topics, IEnumerable<TopicPartition> partitions)
    {
        var names = topics.Select(topic => $"topic '{topic}'").Concat(partitions.Select(partition =>
            view.Topics[partition.Topic].Partitions is { Length: > 0 and var count } ? $"{partition} (its topic has {count} partitions, from 0)" : $"{partition}"));
        return new KafkaTimeoutException(
            $"There is nothing to read: {string.Join(", ", names)} did not exist for {Patience} (DefaultApiTimeout). Create what is missing or check "
                + "the name; the brokers may have auto.create.topics.enable=false. A new loop waits again.", "metadata")
        { Code = ErrorCode.UnknownTopicOrPartition, IsRetriable = true };
    }

    KafkaTimeoutException Unreached(RequestFailure? failure) => new(
        $"No broker could be reached for {Patience} (DefaultApiTimeout): {failure?.Detail ?? "no answer came"}. Check BootstrapServers and that the "
            + "brokers run. A new loop waits again.", "metadata", failure?.Cause)
    { Broker = failure?.Broker, IsRetriable = true };

    string Patience => $"{context.Patience.TotalSeconds:0.###} s";
}
