using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Administration;

/// <summary>A member of a streams group, by requests alone.</summary>
static class StreamsMember
{
    public static async Task<StreamsGroupHeartbeatResponse> JoinAsync(Admin admin, string group, string member, string topic, CancellationToken cancellation)
    {
        var answer = await admin.AskAsync<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>(
            new StreamsGroupHeartbeatRequest
            {
                GroupId = group,
                MemberId = member,
                RebalanceTimeoutMs = 60_000,
                ProcessId = "process",
                UserEndpoint = new() { Host = "somewhere", Port = 8080 },
                ClientTags = [new() { Key = "zone", Value = "a" }],
                Topology = new() { Subtopologies = [new() { SubtopologyId = "0", SourceTopics = [topic] }] },
                ActiveTasks = [],
                StandbyTasks = [],
                WarmupTasks = [],
            },
            AdminTarget.GroupCoordinator(group), cancellation: cancellation);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return answer;
    }

    public static async Task BeatAsync(Admin admin, string group, string member, int epoch, CancellationToken cancellation) => Assert.Equal(
        ErrorCode.None,
        (await admin.AskAsync<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>(
            new StreamsGroupHeartbeatRequest { GroupId = group, MemberId = member, MemberEpoch = epoch }, AdminTarget.GroupCoordinator(group), cancellation: cancellation)).ErrorCode);
}
