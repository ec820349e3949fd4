using NetKafka.Protocol;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.Sharing;
using Request = NetKafka.Protocol.Messages.DescribeShareGroupOffsetsRequest;
using Response = NetKafka.Protocol.Messages.DescribeShareGroupOffsetsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// DescribeShareGroupOffsets, every version: where share partitions begin by what is persisted, and how many records lie behind that
/// (KIP-1226). Of groups and partitions that there are not it says no more than that nothing is persisted.
/// </summary>
sealed class DescribeShareGroupOffsetsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Groups = [.. call.Request.Groups.Select(group => new Response.DescribeShareGroupOffsetsResponseGroup { GroupId = group.GroupId, ErrorCode = error })],
    };

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(new Response
    {
        ThrottleTimeMs = call.ThrottleMs, Groups = [.. call.Request.Groups.Select(group => Describe(call, group))],
    });

    static Response.DescribeShareGroupOffsetsResponseGroup Describe(
        Call<Request, Response> call, Request.DescribeShareGroupOffsetsRequestGroup asked)
    {
        var error = ShareGroupChecks.Check(call, asked.GroupId);
        var answer = new Response.DescribeShareGroupOffsetsResponseGroup { GroupId = asked.GroupId, ErrorCode = error };
        if (error != ErrorCode.None)
            return answer;
        var wanted = asked.Topics?.Select(static topic => (topic.TopicName, topic.Partitions)) ?? Known(call, asked.GroupId);
        answer.Topics = [.. wanted.Select(topic => Describe(call, asked.GroupId, topic.TopicName, topic.Partitions))];
        return answer;
    }

    /// <summary>Every partition whose state was set up.</summary>
    static IEnumerable<(string TopicName, int[] Partitions)> Known(Call call, string groupId) =>
        (call.Cluster.Groups.FindShare(groupId)?.Initialized ?? []).GroupBy(static key => key.TopicId)
        .Where(topic => call.Cluster.FindTopic(topic.Key) is not null)
        .Select(topic => (call.Cluster.FindTopic(topic.Key)!.Name, topic.Select(static key => key.Partition).ToArray()));

    static Response.DescribeShareGroupOffsetsResponseTopic Describe(Call call, string groupId, string name, int[] partitions)
    {
        var topic = call.Cluster.FindTopic(name);
        return new Response.DescribeShareGroupOffsetsResponseTopic
        {
            TopicName = name,
            TopicId = topic?.Id ?? Guid.Empty,
            Partitions = [.. partitions.Select(index =>
            {
                var row = new Response.DescribeShareGroupOffsetsResponsePartition { PartitionIndex = index, StartOffset = ShareState.NoOffset, Lag = -1 };
                if (topic?.Find(index) is not { } partition)
                    return row;

                row.LeaderEpoch = partition.LeaderEpoch;
                var state = call.Cluster.Shares.StateOf(groupId, new TopicIdPartition(topic.Id, index));
                if (state is { StartOffset: >= 0 and var start })
                    (row.StartOffset, row.Lag) = (start, Math.Max(0, partition.HighWatermark - start - state.DoneFrom(start)));
                return row;
            })],
        };
    }
}
