using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// Metadata, every version: all topics, by name, by topic id; creation of unknown topics; what the broker itself believes,
/// which may be stale. Everything is allowed. Left out: internal topics.
/// </summary>
sealed class MetadataHandler : ApiHandler<MetadataRequest, MetadataResponse>
{
    internal override MetadataResponse Fail(Call<MetadataRequest, MetadataResponse> call, ErrorCode error)
    {
        var response = Begin(call, call.Cluster.ViewOf(call.Broker));
        response.ErrorCode = error;
        response.Topics = [.. (call.Request.Topics ?? []).Select(topic => Failed(error, topic.Name, topic.TopicId))];
        return response;
    }

    protected override void Handle(Call<MetadataRequest, MetadataResponse> call, long nowMs)
    {
        var view = call.Cluster.ViewOf(call.Broker);
        var response = Begin(call, view);
        var asked = call.Request.Topics;
        if (call.Version is 10 or 11 && asked?.Any(topic => topic.TopicId != Guid.Empty || topic.Name is null) == true)
        {
            // Versions 10 and 11 have the field, yet only 12 gives it a meaning; the whole request is refused.
            call.Answer(new MetadataResponse
            {
                ThrottleTimeMs = call.ThrottleMs,
                Topics = [.. asked.Select(topic => Failed(ErrorCode.InvalidRequest, topic.Name ?? "", topic.TopicId))],
            });
            return;
        }


        // Version 0 has no null and means all topics by an empty list.
        if (asked is null || (call.Version == 0 && asked.Length == 0))
            response.Topics = [.. view.ByName.Values.Select(topic => Describe(topic))];
        else
            response.Topics = [.. asked.Select(topic => Find(call, view, topic, nowMs))];
        if (call.Request.IncludeTopicAuthorizedOperations)
        {
            foreach (var topic in response.Topics.Where(static topic => topic.ErrorCode == ErrorCode.None))
                topic.TopicAuthorizedOperations = DescribeTopicPartitionsHandler.AllTopicOperations;
        }

        call.Answer(response);
    }

    static MetadataResponse Begin(Call<MetadataRequest, MetadataResponse> call, MetadataView view) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        ClusterId = call.Cluster.Settings.ClusterId,
        ControllerId = view.ControllerId,
        Brokers = [.. view.Brokers.Select(broker => new MetadataResponse.MetadataResponseBroker
        {
            NodeId = broker.NodeId, Host = broker.Host, Port = broker.Port, Rack = broker.Rack,
        })],
    };

    static MetadataResponse.MetadataResponseTopic Find(
        Call<MetadataRequest, MetadataResponse> call, MetadataView view, MetadataRequest.MetadataRequestTopic asked, long nowMs)
    {
        if (asked.TopicId != Guid.Empty)
        {
            return view.Find(asked.TopicId) is { } byId
                ? Describe(byId)
                : Failed(ErrorCode.UnknownTopicId, null, asked.TopicId);
        }

        if (asked.Name is not { } name)
            return Failed(ErrorCode.InvalidRequest, null, Guid.Empty);
        if (view.ByName.TryGetValue(name, out var topic))
            return Describe(topic);
        if (!ClusterState.IsLegalName(name))
            return Failed(ErrorCode.InvalidTopicException, name, Guid.Empty);

        // The broker asks the controller to create it, and does not know it yet when it answers.
        if (call.Cluster.Settings.AutoCreateTopics && call.Request.AllowAutoTopicCreation && call.Cluster.FindTopic(name) is null)
            call.Cluster.CreateTopic(new TopicOrder(name));
        return Failed(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty);
    }

    static MetadataResponse.MetadataResponseTopic Failed(ErrorCode error, string? name, Guid id) =>
        new() { ErrorCode = error, Name = name, TopicId = id };

    static MetadataResponse.MetadataResponseTopic Describe(TopicView topic) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        Partitions = [.. topic.Partitions.Select(partition => new MetadataResponse.MetadataResponsePartition
        {
            ErrorCode = partition.Leader < 0 ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
            PartitionIndex = partition.Index,
            LeaderId = partition.Leader,
            LeaderEpoch = partition.LeaderEpoch,
            ReplicaNodes = partition.Replicas,
            IsrNodes = partition.InSync,
            OfflineReplicas = partition.Offline,
        })],
    };
}
