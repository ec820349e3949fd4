using NetKafka.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Topics to be created, and those that were, as the wire has them.</summary>
static class TopicMessages
{
    public static CreateTopicsRequest.CreatableTopic ToRequest(NewTopic topic, IReadOnlyDictionary<string, string> configs) => new()
    {
        Name = topic.Name,
        NumPartitions = topic.Partitions,
        ReplicationFactor = topic.ReplicationFactor,
        Assignments = [.. topic.Assignments.OrderBy(static assignment => assignment.Key).Select(static assignment => new CreateTopicsRequest.CreatableReplicaAssignment
        {
            PartitionIndex = assignment.Key, BrokerIds = [.. assignment.Value],
        })],
        Configs = [.. configs.Select(static config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Key, Value = config.Value })],
    };

    public static CreatePartitionsRequest.CreatePartitionsTopic ToRequest(string name, NewPartitions partitions) => new()
    {
        Name = name,
        Count = partitions.TotalCount,
        Assignments = partitions.Assignments.Count == 0
            ? null
            : [.. partitions.Assignments.Select(static brokers => new CreatePartitionsRequest.CreatePartitionsAssignment { BrokerIds = [.. brokers] })],
    };

    public static CreatedTopic Created(CreateTopicsResponse.CreatableTopicResult row) => new(
        row.Name, row.TopicId, row.NumPartitions, row.ReplicationFactor,
        [
            .. (row.Configs ?? []).OrderBy(static config => config.Name, StringComparer.Ordinal).Select(static config =>
                new ConfigEntry(config.Name, config.Value, (ConfigSource)Math.Max((sbyte)0, config.ConfigSource), ConfigValueType.Unknown)
                {
                    IsReadOnly = config.ReadOnly, IsSensitive = config.IsSensitive,
                }),
        ]);
}
