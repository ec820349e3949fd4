using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Groups;

/// <content>SyncGroup, and what survives a move of the coordinator.</content>
sealed partial class ClassicGroup
{
    internal override void Sync(Call<SyncGroupRequest, SyncGroupResponse> call, long nowMs)
    {
        var request = call.Request;
        var error = CheckSync(request);
        if (error != ErrorCode.None)
        {
            Refuse(call, error);
            return;
        }

        var member = members[request.MemberId];
        pendingSyncs.Remove(member.MemberId);
        if (State == GroupState.Stable)
        {
            Answer(call, member, nowMs);
            return;
        }

        member.Sync = call;
        if (member.MemberId == LeaderId)
            Assign(request.Assignments, nowMs);
    }

    ErrorCode CheckSync(SyncGroupRequest request)
    {
        var error = CheckMember(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
            return error;
        if (request.GenerationId != Generation)
            return ErrorCode.IllegalGeneration;
        if ((request.ProtocolType is { } type && type != ProtocolType)
            || (request.ProtocolName is { } name && name != ProtocolName))
            return ErrorCode.InconsistentGroupProtocol;
        return State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>The leader brought the assignment; who is not named in it gets an empty one.</summary>
    void Assign(SyncGroupRequest.SyncGroupRequestAssignment[] assignments, long nowMs)
    {
        foreach (var member in members.Values)
            member.Assignment = assignments.FirstOrDefault(entry => entry.MemberId == member.MemberId)?.Assignment ?? [];
        State = GroupState.Stable;
        Persist();
        foreach (var member in members.Values.ToArray())
        {
            if (member.Sync is not { } sync)
                continue;
            member.Sync = null;
            Answer(sync, member, nowMs);
        }
    }

    void Answer(Call<SyncGroupRequest, SyncGroupResponse> call, GroupMember member, long nowMs)
    {
        KeepAlive(member, nowMs);
        call.Answer(new SyncGroupResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            ProtocolType = ProtocolType,
            ProtocolName = ProtocolName,
            Assignment = member.Assignment,
        });
    }

    /// <summary>Members that took part in the generation and never asked for their assignment are out.</summary>
    void OnSyncsOverdue(long nowMs)
    {
        if (pendingSyncs.Count == 0 || State is not (GroupState.CompletingRebalance or GroupState.Stable))
            return;
        foreach (var memberId in pendingSyncs.ToArray())
            Remove(members[memberId]);
        PrepareRebalance(nowMs);
    }

    static void AnswerSync(GroupMember member, ErrorCode error)
    {
        if (member.Sync is not { } sync)
            return;
        member.Sync = null;
        Refuse(sync, error);
    }

    internal static void Refuse(Call<SyncGroupRequest, SyncGroupResponse> call, ErrorCode error) =>
        call.Answer(new SyncGroupResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error });

    internal override void Unload() => Close(ErrorCode.NotCoordinator);

    void Close(ErrorCode error)
    {
        joinTimer?.Cancel();
        syncTimer?.Cancel();
        foreach (var timer in pendingJoins.Values)
            timer.Cancel();
        pendingJoins.Clear();
        pendingSyncs.Clear();
        foreach (var member in members.Values)
        {
            member.Session?.Cancel();
            AnswerJoin(member, error);
            AnswerSync(member, error);
        }

        members.Clear();
        memberIdByInstance.Clear();
        State = GroupState.Empty;
        (Generation, protocolType, ProtocolName, LeaderId) = (0, null, null, null);
    }

    /// <summary>A coordinator read the group from its log: the last complete generation, every session begun anew.</summary>
    internal override void Load(long nowMs)
    {
        if (persisted is null)
            return;
        (Generation, protocolType, ProtocolName) = (persisted.Generation, persisted.ProtocolType, persisted.ProtocolName);
        foreach (var written in persisted.Members)
        {
            var member = written.ToMember();
            Add(member);
            KeepAlive(member, nowMs);
        }

        LeaderId = persisted.LeaderId;
        State = members.Count == 0 ? GroupState.Empty : GroupState.Stable;
    }

    void Persist() => persisted = new PersistedGeneration(
        Generation, ProtocolType, ProtocolName, LeaderId, [.. members.Values.Select(PersistedMember.Of)]);
}
