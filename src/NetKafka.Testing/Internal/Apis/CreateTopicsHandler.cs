using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// CreateTopics, every version, asked of any broker (a broker forwards it to the controller). Topics are there when the answer
/// leaves. Left out: the timeout, policies, and quotas.
/// </summary>
sealed class CreateTopicsHandler : ApiHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    internal override CreateTopicsResponse Fail(Call<CreateTopicsRequest, CreateTopicsResponse> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic => Failed(topic.Name, error, null))],
    };

    protected override void Handle(Call<CreateTopicsRequest, CreateTopicsResponse> call, long nowMs)
    {
        var topics = call.Request.Topics;
        call.Answer(new CreateTopicsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Topics = [.. topics.Select(topic => topics.Count(other => other.Name == topic.Name) > 1
                ? Failed(topic.Name, ErrorCode.InvalidRequest, "Duplicate topic name.")
                : Create(call, topic, nowMs)).DistinctBy(result => result.Name)],
        });
    }

    static CreateTopicsResponse.CreatableTopicResult Create(
        Call<CreateTopicsRequest, CreateTopicsResponse> call, CreateTopicsRequest.CreatableTopic topic, long nowMs)
    {
        if (!TryReadAssignments(topic, out var assignments, out var problem))
            return Failed(topic.Name, ErrorCode.InvalidReplicaAssignment, problem);
        if (assignments is not null && (topic.NumPartitions != -1 || topic.ReplicationFactor != -1))
        {
            return Failed(
                topic.Name,
                ErrorCode.InvalidRequest,
                "A manual partition assignment was given, but num partitions or replication factor was not set to -1.");
        }

        var result = call.Cluster.CreateTopic(
            new TopicOrder(topic.Name)
            {
                Partitions = topic.NumPartitions,
                ReplicationFactor = topic.ReplicationFactor,
                Assignments = assignments,
                Configs = [.. topic.Configs.Select(config => (config.Name, config.Value))],
                ValidateOnly = call.Request.ValidateOnly,
            });
        return result.Error != ErrorCode.None ? Failed(topic.Name, result.Error, result.Message) : Created(result.Topic!);
    }

    static bool TryReadAssignments(CreateTopicsRequest.CreatableTopic topic, out int[][]? assignments, out string? problem)
    {
        (assignments, problem) = (null, null);
        if (topic.Assignments.Length == 0)
            return true;
        var ordered = topic.Assignments.OrderBy(assignment => assignment.PartitionIndex).ToArray();
        for (var i = 0; i < ordered.Length; i++)
        {
            if (ordered[i].PartitionIndex == i)
                continue;
            problem = "partitions should be a consecutive 0-based integer sequence";
            return false;
        }

        assignments = [.. ordered.Select(assignment => assignment.BrokerIds)];
        return true;
    }

    static CreateTopicsResponse.CreatableTopicResult Created(Topic topic) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        NumPartitions = topic.Partitions.Count,
        ReplicationFactor = (short)topic.Partitions[0].Replicas.Length,
        Configs = [.. TopicConfigNames.Defaults.Select(config => new CreateTopicsResponse.CreatableTopicConfigs
        {
            Name = config.Name,
            Value = topic.Settings.Overrides.GetValueOrDefault(config.Name, config.Default),
            ConfigSource = (sbyte)(topic.Settings.Overrides.ContainsKey(config.Name) ? 1 : 5),
        })],
    };

    static CreateTopicsResponse.CreatableTopicResult Failed(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = error, ErrorMessage = message };
}
