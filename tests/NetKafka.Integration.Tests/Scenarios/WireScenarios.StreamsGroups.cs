using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.StreamsGroupHeartbeatResponse;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Streams groups at their coordinator (KIP-1071).</content>
public abstract partial class WireScenarios
{
    [Fact, Trait("Area", "Wire")]
    public async Task Members_of_a_streams_group_share_tasks_and_are_refused_where_they_are_wrong()
    {
        await using var it = await Begin();
        var versions = await it.Wire.AskAny<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest { ClientSoftwareName = "netkafka-tests", ClientSoftwareVersion = "1" }, 3);
        Assert.SkipUnless(
            versions.FinalizedFeatures.Any(static feature => feature is { Name: "streams.version", MaxVersionLevel: >= 1 }),
            "The cluster has not finalized streams.version, so it serves no streams groups.");
        var topic = await it.Target.CreateTopic(2, cancellation: TestContext.Current.CancellationToken);

        async Task<Response> Ask(string member, int epoch, Action<Request>? change = null)
        {
            var request = new Request { GroupId = it.Group, MemberId = member, MemberEpoch = epoch };
            change?.Invoke(request);
            return await it.Wire.AskCoordinator<Request, Response>(it.Group, request, 0);
        }

        void Joining(Request request)
        {
            (request.RebalanceTimeoutMs, request.ProcessId, request.ActiveTasks, request.StandbyTasks, request.WarmupTasks) = (60_000, request.MemberId, [], [], []);
            request.Topology = new() { Subtopologies = [new() { SubtopologyId = "0", SourceTopics = [topic] }] };
        }

        async Task<Response> Wrong(Action<Request> change) => await Ask("a", 0, request =>
        {
            Joining(request);
            change(request);
        });

        await Wait.Until(async () => (await Ask("a", 0, Joining)).ErrorCode == ErrorCode.None, $"the coordinator of {it.Group}", TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCode.InvalidRequest, (await Wrong(static request => request.Topology = null)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await Wrong(static request => request.RebalanceTimeoutMs = -1)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await Wrong(static request => request.ActiveTasks = null)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await Wrong(static request => request.Topology!.Subtopologies[0].SourceTopicRegex = ["x.*"])).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await Wrong(static request => request.Topology!.Subtopologies[0].SourceTopics = ["other"])).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await Wrong(static request => request.MemberId = "")).ErrorCode);
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await Ask("a", 99)).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Ask("nobody", 1)).ErrorCode);

        var (a, b) = (await Ask("a", 0, Joining), new Response());
        var (tasksOfA, tasksOfB) = (Tasks(a) ?? [], Array.Empty<int>());
        await Until(async () => tasksOfA = Tasks(a = await Ask("a", a.MemberEpoch)) ?? tasksOfA, () => tasksOfA.Length == 2, "both tasks");
        b = await Ask("b", 0, Joining);
        Assert.Empty(Tasks(b) ?? []);
        await Until(async () =>
        {
            // What a heartbeat does not say a member still has.
            a = await Ask("a", a.MemberEpoch, request => (request.ActiveTasks, request.StandbyTasks, request.WarmupTasks) = ([new() { SubtopologyId = "0", Partitions = tasksOfA }], [], []));
            tasksOfA = Tasks(a) ?? tasksOfA;
            b = await Ask("b", b.MemberEpoch);
            tasksOfB = Tasks(b) ?? tasksOfB;
        }, () => tasksOfA.Length == 1 && tasksOfB.Length == 1, "a task each");
        Assert.Equal([0, 1], tasksOfA.Concat(tasksOfB).Order());

        var described = (await it.Wire.AskCoordinator<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(
            it.Group, new StreamsGroupDescribeRequest { GroupIds = [it.Group] }, 0)).Groups.Single();
        Assert.Equal((ErrorCode.None, "Stable", 2), (described.ErrorCode, described.GroupState, described.Members.Length));
        Assert.Equal([topic], described.Topology!.Subtopologies![0].SourceTopics);

        Assert.Equal(-1, (await Ask("b", -1)).MemberEpoch);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Ask("b", -1)).ErrorCode);
        Assert.Equal(-1, (await Ask("a", -1)).MemberEpoch);

        static int[]? Tasks(Response answer) => answer.ActiveTasks is { } tasks ? [.. tasks.SelectMany(static part => part.Partitions).Order()] : null;

        static Task Until(Func<Task> step, Func<bool> isOver, string what) => Wait.Until(
            async () =>
            {
                await step();
                return isOver();
            }, what, TestContext.Current.CancellationToken);
    }
}
