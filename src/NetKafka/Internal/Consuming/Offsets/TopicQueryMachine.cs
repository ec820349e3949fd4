using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>Answers who wants to know a topic's partitions, as soon as metadata has them.</summary>
sealed class TopicQueryMachine(ConsumerContext context) : Machine
{
    readonly List<(string Topic, Call<ClusterView> Call)> _queries = [];

    public void Add(string topic, Call<ClusterView> call)
    {
        _queries.Add((topic, call));
        context.Cluster.Watch(topic);
        Wake();
    }

    public void OnClusterChanged() => Wake();

    /// <summary>The consumer is over: its calls were told so.</summary>
    public void Abort()
    {
        foreach (var (topic, _) in _queries)
            context.Cluster.Unwatch(topic);
        _queries.Clear();
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _queries.Count - 1; i >= 0; i--)
        {
            var (topic, call) = _queries[i];
            Answer(topic, call, now, effects);
            if (call.IsAnswered)
            {
                _queries.RemoveAt(i);
                context.Cluster.Unwatch(topic);
            }
            else
                next = Instant.Earlier(next, call.Deadline);
        }
        return next;
    }

    void Answer(string topic, Call<ClusterView> call, Instant now, Effects effects)
    {
        var known = context.Cluster.View.Topics.GetValueOrDefault(topic);
        var error = known?.Error ?? ErrorCode.None;
        if (call.IsAnswered)
            return;
        if (known is { Partitions.Length: > 0 })
            call.Succeed(context.Cluster.View, effects);
        else if (error.IsAuthorization())
            call.Fail(new KafkaAuthorizationException($"The partitions of topic '{topic}' cannot be seen: {error.KafkaName()}. The principal lacks "
                + "Describe on it.") { Code = error }, effects);
        else if (error == ErrorCode.InvalidTopicException)
            call.Fail(new KafkaException($"Topic '{topic}' cannot be read: its name is not a legal one.") { Code = error }, effects);
        else if (call.Deadline <= now)
            call.Fail(new KafkaTimeoutException($"The partitions of topic '{topic}' were not found out in time (DefaultApiTimeout): "
                + (known is null ? "no broker told of it; check BootstrapServers and that the brokers run."
                    : $"{error.KafkaName()}; create the topic, or check its name."), "metadata") { Code = error, IsRetriable = true }, effects);
    }
}
