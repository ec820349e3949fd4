using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration.Routes;

/// <summary>
/// Each partition is asked of its leader, those of one node together. Leaders are looked up by a request of the call's own: an admin may ask for
/// any topic once, and the client need not follow it from then on.
/// </summary>
/// <param name="partitionOf">The partition of an item.</param>
/// <param name="what">What could not be done with an item.</param>
/// <param name="timeout">How long a broker may take.</param>
/// <param name="owner">Whose defects are its own.</param>
sealed class LeaderRoute<TKey>(Func<TKey, TopicPartition> partitionOf, Func<TKey, string> what, TimeSpan timeout, Machine owner) : AdminRoute<TKey>
    where TKey : notnull
{
    // Without it an older broker could create the topics that are asked about.
    const short MinVersion = 4;

    readonly Dictionary<TopicPartition, int> _leaders = [];

    public override bool IsOfBrokers => true;

    public override RequestTarget? TargetOf(ICluster cluster, TKey key) =>
        _leaders.TryGetValue(partitionOf(key), out var leader) ? RequestTarget.Broker(leader) : null;

    public override void OnMoved(ICluster cluster, TKey key, int nodeId)
    {
        _leaders.Remove(partitionOf(key));
        cluster.Refresh(cluster.View.Generation);
    }

    public override BrokerRequest LookUp(
        IReadOnlyList<TKey> keys, Action<RequestFailure> onFailure, Action<TKey, KafkaException> onRefused, Action onOver)
    {
        var request = new MetadataRequest
        {
            Topics =
            [
                .. keys.Select(key => partitionOf(key).Topic).Distinct(StringComparer.Ordinal)
                    .Select(static topic => new MetadataRequest.MetadataRequestTopic { Name = topic }),
            ],
            AllowAutoTopicCreation = false,
        };
        return new Exchange<MetadataRequest, MetadataResponse>(request, outcome =>
        {
            if (outcome.HasResponse)
                Take(keys, outcome.Response, onRefused);
            else
                onFailure(outcome.Failure);
            onOver();
        })
        {
            MinVersion = MinVersion, Timeout = timeout, Owner = owner,
        };
    }

    void Take(IReadOnlyList<TKey> keys, MetadataResponse answer, Action<TKey, KafkaException> onRefused)
    {
        var topics = new Dictionary<string, MetadataResponse.MetadataResponseTopic>(StringComparer.Ordinal);
        foreach (var topic in answer.Topics)
        {
            if (topic.Name is not null)
                topics[topic.Name] = topic;
        }
        foreach (var key in keys)
        {
            var partition = partitionOf(key);
            var topic = topics.GetValueOrDefault(partition.Topic);
            var row = topic?.Partitions.FirstOrDefault(row => row.PartitionIndex == partition.Partition);
            var error = topic?.ErrorCode ?? ErrorCode.UnknownTopicOrPartition;
            if (row is { LeaderId: >= 0 })
                _leaders[partition] = row.LeaderId;
            else if (error != ErrorCode.None && !AdminErrors.MayPass(error))
                onRefused(key, KafkaErrors.From(error, null, what(key)));
            else if (error == ErrorCode.None && row is null)
                onRefused(key, KafkaErrors.From(ErrorCode.UnknownTopicOrPartition, $"the topic has {topic!.Partitions.Length} partitions", what(key)));
        }
    }
}
