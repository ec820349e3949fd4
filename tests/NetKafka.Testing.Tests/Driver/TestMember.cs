using System.Text;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>One member of a group on a connection of its own, which does only what it is told.</summary>
sealed class TestMember
{
    internal const int SessionMs = 10_000;
    internal const int RebalanceMs = 30_000;
    readonly MachineDriver driver;
    readonly string group;

    internal TestMember(MachineDriver driver, string group = "group", string? instanceId = null, int? node = null)
    {
        (this.driver, this.group, InstanceId) = (driver, group, instanceId);
        Connection = driver.Connect(node ?? driver.Cluster.Groups.CoordinatorOf(group));
    }

    internal int Connection { get; private set; }

    internal string? InstanceId { get; }

    internal string Id { get; set; } = "";

    internal int Generation { get; private set; } = -1;

    internal (string Name, string Metadata)[] Protocols { get; set; } = [("range", "topics")];

    internal string Protocol { get; private set; } = "range";

    internal bool IsLeader { get; private set; }

    internal bool HasAnswer => driver.HasAnswer(Connection);

    internal void Reconnect()
    {
        driver.Machine.Disconnect(Connection, driver.NowMs);
        Connection = driver.Connect(driver.Cluster.Groups.CoordinatorOf(group));
    }

    /// <summary>Sends a JoinGroup; a dynamic member without an id first gets one.</summary>
    internal void SendJoin(short version = 9)
    {
        if (Id.Length == 0 && InstanceId is null && version >= 4)
        {
            var given = driver.Ask(Connection, JoinRequest(version), version);
            Assert.Equal(ErrorCode.MemberIdRequired, given.ErrorCode);
            Id = given.MemberId;
        }

        driver.Send(Connection, JoinRequest(version), version);
    }

    internal JoinGroupResponse TakeJoin(short version = 9)
    {
        var answer = driver.Take(Connection, JoinRequest(version), version);
        if (answer.ErrorCode == ErrorCode.None)
        {
            Id = answer.MemberId;
            Generation = answer.GenerationId;
            Protocol = answer.ProtocolName ?? Protocol;
            IsLeader = answer.Leader == answer.MemberId;
        }

        return answer;
    }

    internal JoinGroupResponse Join(short version = 9)
    {
        SendJoin(version);
        return TakeJoin(version);
    }

    internal JoinGroupRequest JoinRequest(short version) => new()
    {
        GroupId = group,
        SessionTimeoutMs = SessionMs,
        RebalanceTimeoutMs = version >= 1 ? RebalanceMs : -1,
        MemberId = Id,
        GroupInstanceId = InstanceId,
        ProtocolType = "consumer",
        Protocols = [.. Protocols.Select(protocol => new JoinGroupRequest.JoinGroupRequestProtocol
        {
            Name = protocol.Name, Metadata = Encoding.UTF8.GetBytes(protocol.Metadata),
        })],
    };

    internal void SendSync(params (TestMember Member, string Assignment)[] assignments) =>
        driver.Send(Connection, SyncRequest(assignments), 5);

    internal SyncGroupResponse TakeSync() => driver.Take(Connection, new SyncGroupRequest(), 5);

    internal SyncGroupResponse Sync(params (TestMember Member, string Assignment)[] assignments)
    {
        SendSync(assignments);
        return TakeSync();
    }

    internal ErrorCode Heartbeat() => driver.Ask(
        Connection,
        new HeartbeatRequest { GroupId = group, MemberId = Id, GenerationId = Generation, GroupInstanceId = InstanceId },
        4).ErrorCode;

    internal ErrorCode Leave() => driver.Ask(
        Connection,
        new LeaveGroupRequest { GroupId = group, Members = [new() { MemberId = Id, GroupInstanceId = InstanceId }] },
        5).Members[0].ErrorCode;

    internal ErrorCode Commit(string topic, long offset, int? generation = null, string? memberId = null) => driver.Ask(
        Connection,
        new OffsetCommitRequest
        {
            GroupId = group,
            GenerationIdOrMemberEpoch = generation ?? Generation,
            MemberId = memberId ?? Id,
            GroupInstanceId = InstanceId,
            Topics = [new() { Name = topic, Partitions = [new() { CommittedOffset = offset, CommittedMetadata = "note" }] }],
        },
        9).Topics[0].Partitions[0].ErrorCode;

    internal static string Text(SyncGroupResponse answer) => Encoding.UTF8.GetString(answer.Assignment);

    SyncGroupRequest SyncRequest((TestMember Member, string Assignment)[] assignments) => new()
    {
        GroupId = group,
        GenerationId = Generation,
        MemberId = Id,
        GroupInstanceId = InstanceId,
        ProtocolType = "consumer",
        ProtocolName = Protocol,
        Assignments = [.. assignments.Select(entry => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = entry.Member.Id, Assignment = Encoding.UTF8.GetBytes(entry.Assignment),
        })],
    };
}
