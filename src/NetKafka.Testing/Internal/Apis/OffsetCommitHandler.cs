using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// OffsetCommit, every version, by name and from version 10 on by topic id. Left out: the retention time of old versions;
/// offsets never expire.
/// </summary>
sealed class OffsetCommitHandler : ApiHandler<OffsetCommitRequest, OffsetCommitResponse>
{
    internal override OffsetCommitResponse Fail(Call<OffsetCommitRequest, OffsetCommitResponse> call, ErrorCode error) =>
        Respond(call, (_, _) => error);

    protected override void Handle(Call<OffsetCommitRequest, OffsetCommitResponse> call, long nowMs)
    {
        var error = Authorize(call, nowMs, out var group);
        if (error != ErrorCode.None)
            call.Answer(Fail(call, error));
        else
            call.Answer(Respond(call, (topic, partition) => Commit(call, group!, topic, partition, nowMs)));
    }

    static ErrorCode Authorize(Call<OffsetCommitRequest, OffsetCommitResponse> call, long nowMs, out Group? group)
    {
        var request = call.Request;
        var groups = call.Cluster.Groups;
        group = null;
        var error = groups.Check(request.GroupId, call.Broker);
        if (error != ErrorCode.None)
            return error;
        group = groups.Find(request.GroupId);
        if (group is null && request.GenerationIdOrMemberEpoch >= 0)
            return call.Version >= 9 ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
        group ??= groups.GetOrAdd(request.GroupId);
        var claim = new CommitClaim(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, call.Version);
        error = group.CheckCommit(claim, nowMs);
        return error == ErrorCode.None ? CheckPartitions(call, group, claim) : error;
    }

    static ErrorCode CheckPartitions(Call<OffsetCommitRequest, OffsetCommitResponse> call, Group group, in CommitClaim claim)
    {
        foreach (var asked in call.Request.Topics)
        {
            if (Find(call, asked) is not { } topic)
                continue;
            foreach (var partition in asked.Partitions)
            {
                var error = group.CheckPartition(claim, new TopicIdPartition(topic.Id, partition.PartitionIndex));
                if (error != ErrorCode.None)
                    return error;
            }
        }

        return ErrorCode.None;
    }

    static ErrorCode Commit(
        Call<OffsetCommitRequest, OffsetCommitResponse> call,
        Group group,
        Topic? topic,
        OffsetCommitRequest.OffsetCommitRequestPartition partition,
        long nowMs)
    {
        if (topic is null)
            return call.Version >= 10 ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
        if (topic.Find(partition.PartitionIndex) is null)
            return ErrorCode.UnknownTopicOrPartition;
        var metadata = partition.CommittedMetadata ?? "";
        if (metadata.Length > call.Cluster.Settings.MaxOffsetMetadataBytes)
            return ErrorCode.OffsetMetadataTooLarge;
        var committed = new CommittedOffset(
            partition.CommittedOffset, partition.CommittedLeaderEpoch, metadata, call.Cluster.WallClock(nowMs));
        group.Offsets.Commit(topic.Name, partition.PartitionIndex, committed);
        return ErrorCode.None;
    }

    static Topic? Find(Call<OffsetCommitRequest, OffsetCommitResponse> call, OffsetCommitRequest.OffsetCommitRequestTopic topic) =>
        call.Version >= 10 ? call.Cluster.FindTopic(topic.TopicId) : call.Cluster.FindTopic(topic.Name);

    static OffsetCommitResponse Respond(
        Call<OffsetCommitRequest, OffsetCommitResponse> call,
        Func<Topic?, OffsetCommitRequest.OffsetCommitRequestPartition, ErrorCode> commit) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic =>
        {
            var found = Find(call, topic);
            return new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex, ErrorCode = commit(found, partition),
                })],
            };
        })],
    };
}
