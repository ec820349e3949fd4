using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;
using Response = NetKafka.Protocol.Messages.OffsetFetchResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// OffsetFetch, every version: one group and, from version 8 on, many; by name and from 10 on by topic id; all topics of a group
/// where none is named. From version 9 on members of the consumer protocol name their epoch (KIP-848).
/// </summary>
sealed class OffsetFetchHandler : ApiHandler<OffsetFetchRequest, Response>
{
    internal override Response Fail(Call<OffsetFetchRequest, Response> call, ErrorCode error) => call.Version >= 8
        ? new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            Groups = [.. call.Request.Groups.Select(group => new Response.OffsetFetchResponseGroup
            {
                GroupId = group.GroupId, ErrorCode = error,
            })],
        }
        : RespondToOne(call, error);

    protected override void Handle(Call<OffsetFetchRequest, Response> call, long nowMs)
    {
        if (call.Version < 8)
        {
            call.Answer(RespondToOne(call, call.Cluster.Groups.Check(call.Request.GroupId, call.Broker)));
            return;
        }

        call.Answer(new Response
        {
            ThrottleTimeMs = call.ThrottleMs, Groups = [.. call.Request.Groups.Select(group => Fetch(call, group))],
        });
    }

    static Response.OffsetFetchResponseGroup Fetch(
        Call<OffsetFetchRequest, Response> call, OffsetFetchRequest.OffsetFetchRequestGroup asked)
    {
        var error = call.Cluster.Groups.Check(asked.GroupId, call.Broker);
        if (error != ErrorCode.None)
            return new Response.OffsetFetchResponseGroup { GroupId = asked.GroupId, ErrorCode = error };
        var found = call.Cluster.Groups.Find(asked.GroupId);
        error = found?.CheckFetch(asked.MemberId, asked.MemberEpoch) ?? ErrorCode.None;
        if (error != ErrorCode.None)
            return new Response.OffsetFetchResponseGroup { GroupId = asked.GroupId, ErrorCode = error };
        var offsets = found?.Offsets;
        var topics = asked.Topics is null
            ? AllOf(offsets).Select(topic => (Name: (string?)topic.Name, Id: IdOf(call, topic.Name), topic.Partitions))
            : asked.Topics.Select(topic => (Name: NameOf(call, topic), Id: topic.TopicId, Partitions: topic.PartitionIndexes));
        return new Response.OffsetFetchResponseGroup
        {
            GroupId = asked.GroupId,
            Topics = [.. topics.Select(topic => new Response.OffsetFetchResponseTopics
            {
                Name = topic.Name ?? "",
                TopicId = topic.Id,
                Partitions = [.. topic.Partitions.Select(partition => Describe(offsets, topic.Name, partition, call.Request.RequireStable))],
            })],
        };
    }

    static Guid IdOf(Call<OffsetFetchRequest, Response> call, string topic) => call.Cluster.FindTopic(topic)?.Id ?? default;

    static string? NameOf(Call<OffsetFetchRequest, Response> call, OffsetFetchRequest.OffsetFetchRequestTopics topic) =>
        call.Version >= 10 ? call.Cluster.FindTopic(topic.TopicId)?.Name : topic.Name;

    static Response.OffsetFetchResponsePartitions Describe(OffsetStore? offsets, string? topic, int partition, bool isStable)
    {
        var isOpen = isStable && topic is not null && offsets?.IsStaged(topic, partition) == true;
        var committed = topic is null || isOpen ? null : offsets?.Find(topic, partition);
        return new Response.OffsetFetchResponsePartitions
        {
            PartitionIndex = partition,
            CommittedOffset = committed?.Offset ?? -1,
            CommittedLeaderEpoch = committed?.LeaderEpoch ?? -1,
            Metadata = committed?.Metadata ?? "",
            ErrorCode = topic is null ? ErrorCode.UnknownTopicId : isOpen ? ErrorCode.UnstableOffsetCommit : ErrorCode.None,
        };
    }

    /// <summary>Up to version 7; version 1 has no error of its own, so each partition says it.</summary>
    static Response RespondToOne(Call<OffsetFetchRequest, Response> call, ErrorCode error)
    {
        var isRefused = error != ErrorCode.None;
        var offsets = isRefused ? null : call.Cluster.Groups.Find(call.Request.GroupId)?.Offsets;
        var topics = call.Request.Topics is { } asked
            ? asked.Select(topic => (topic.Name, Partitions: topic.PartitionIndexes))
            : AllOf(offsets);
        return new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            ErrorCode = call.Version >= 2 ? error : ErrorCode.None,
            Topics = isRefused && call.Version >= 2 ? [] : [.. topics.Select(topic => new Response.OffsetFetchResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => DescribeOld(offsets, topic.Name, partition, error, call.Request.RequireStable))],
            })],
        };
    }

    static Response.OffsetFetchResponsePartition DescribeOld(OffsetStore? offsets, string topic, int partition, ErrorCode error, bool isStable)
    {
        var isOpen = isStable && offsets?.IsStaged(topic, partition) == true;
        var committed = isOpen ? null : offsets?.Find(topic, partition);
        return new Response.OffsetFetchResponsePartition
        {
            PartitionIndex = partition,
            CommittedOffset = committed?.Offset ?? -1,
            CommittedLeaderEpoch = committed?.LeaderEpoch ?? -1,
            Metadata = committed?.Metadata ?? "",
            ErrorCode = isOpen ? ErrorCode.UnstableOffsetCommit : error,
        };
    }

    static IEnumerable<(string Name, int[] Partitions)> AllOf(OffsetStore? offsets) =>
        offsets?.Topics.Select(topic => (topic, offsets.PartitionsOf(topic).ToArray())) ?? [];
}
