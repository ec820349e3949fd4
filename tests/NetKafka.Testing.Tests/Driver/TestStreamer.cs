using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.StreamsGroupHeartbeatResponse;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>One member of a streams group with a connection to its coordinator, which does only what it is told.</summary>
sealed class TestStreamer(MachineDriver driver, string id, string group = "group")
{
    readonly int coordinator = driver.Connect(driver.Cluster.Groups.CoordinatorOf(group));

    internal int Epoch { get; private set; }

    /// <summary>What it was last told to work on, as "subtopology_partition" in order.</summary>
    internal string[] Tasks { get; private set; } = [];

    internal Response Join(params Request.Subtopology[] parts) => Beat(new Request
    {
        GroupId = group, MemberId = id, RebalanceTimeoutMs = 1_000, ProcessId = "process", Topology = new() { Subtopologies = parts },
        ActiveTasks = [], StandbyTasks = [], WarmupTasks = [],
    });

    internal Response Beat() => Beat(new Request { GroupId = group, MemberId = id, MemberEpoch = Epoch });

    /// <summary>Says that it works on what it was told, and on nothing else any more.</summary>
    internal Response Confirm() => Beat(new Request
    {
        GroupId = group, MemberId = id, MemberEpoch = Epoch, StandbyTasks = [], WarmupTasks = [],
        ActiveTasks = [.. Tasks.GroupBy(static task => task.Split('_')[0]).Select(static part => new Request.TaskIds
        {
            SubtopologyId = part.Key, Partitions = [.. part.Select(static task => int.Parse(task.Split('_')[1], System.Globalization.CultureInfo.InvariantCulture))],
        })],
    });

    internal Response Leave() => Beat(new Request { GroupId = group, MemberId = id, MemberEpoch = -1 });

    internal Response Beat(Request request)
    {
        var answer = driver.Ask(coordinator, request, 0);
        if (answer.ErrorCode == ErrorCode.None && answer.MemberEpoch >= 0)
        {
            Epoch = answer.MemberEpoch;
            if (answer.ActiveTasks is { } tasks)
                Tasks = [.. tasks.SelectMany(static part => part.Partitions, static (part, partition) => $"{part.SubtopologyId}_{partition}").Order(StringComparer.Ordinal)];
        }

        return answer;
    }
}
