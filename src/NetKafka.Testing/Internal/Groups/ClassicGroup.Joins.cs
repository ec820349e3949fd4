using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Groups;

/// <content>JoinGroup, and the rebalance that it starts.</content>
sealed partial class ClassicGroup
{
    internal override void Join(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs)
    {
        var request = call.Request;
        var error = CheckJoin(request);
        if (error != ErrorCode.None)
            Refuse(call, request.MemberId, error);
        else if (request.MemberId.Length == 0)
            JoinWithoutId(call, nowMs);
        else
            JoinWithId(call, nowMs);
    }

    ErrorCode CheckJoin(JoinGroupRequest request)
    {
        var isKnown = members.ContainsKey(request.MemberId) || pendingJoins.ContainsKey(request.MemberId);
        if (!isKnown && members.Count + pendingJoins.Count >= cluster.Settings.MaxGroupSize)
            return ErrorCode.GroupMaxSizeReached;
        return Supports(request.ProtocolType, request.Protocols) ? ErrorCode.None : ErrorCode.InconsistentGroupProtocol;
    }

    void JoinWithoutId(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs)
    {
        var request = call.Request;
        if (request.GroupInstanceId is { } instance)
        {
            var memberId = $"{instance}-{cluster.NewId()}";
            if (memberIdByInstance.TryGetValue(instance, out var old))
                ReplaceStatic(call, members[old], memberId, nowMs);
            else
                AddThenRebalance(call, memberId, nowMs);
            return;
        }

        var newId = $"{call.ClientId}-{cluster.NewId()}";
        if (call.Version < 4)
        {
            AddThenRebalance(call, newId, nowMs);
            return;
        }

        // KIP-394: the client must come again with its id, so that one whose answer is lost leaves no ghost member behind.
        pendingJoins.Add(newId, Timers.Schedule(nowMs + request.SessionTimeoutMs, now => OnPendingExpired(newId, now)));
        Refuse(call, newId, ErrorCode.MemberIdRequired);
    }

    void JoinWithId(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs)
    {
        var request = call.Request;
        if (pendingJoins.Remove(request.MemberId, out var pending))
        {
            pending.Cancel();
            AddThenRebalance(call, request.MemberId, nowMs);
            return;
        }

        var error = CheckMember(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
        {
            Refuse(call, request.MemberId, error);
            return;
        }

        var member = members[request.MemberId];
        var saysNothingNew = State switch
        {
            GroupState.CompletingRebalance => member.Matches(request.Protocols),
            GroupState.Stable => member.MemberId != LeaderId && member.Matches(request.Protocols),
            _ => false,
        };
        if (saysNothingNew)
        {
            // Its last answer was lost: it hears the current generation once more.
            call.Answer(Joined(call, member));
            return;
        }

        Update(member, call);
        RebalanceOrComplete(nowMs);
    }

    void AddThenRebalance(Call<JoinGroupRequest, JoinGroupResponse> call, string memberId, long nowMs)
    {
        var member = new GroupMember(memberId, call.Request.GroupInstanceId) { IsNew = true };
        if (members.Count == 0)
            protocolType = call.Request.ProtocolType;
        Update(member, call);
        Add(member);
        isMemberAdded = true;
        KeepAlive(member, NewMemberTimeoutMs, nowMs);
        RebalanceOrComplete(nowMs);
    }

    static void Update(GroupMember member, Call<JoinGroupRequest, JoinGroupResponse> call)
    {
        var request = call.Request;
        member.ClientId = call.ClientId ?? "";
        member.SessionTimeoutMs = request.SessionTimeoutMs;
        member.RebalanceTimeoutMs = request.RebalanceTimeoutMs >= 0 ? request.RebalanceTimeoutMs : request.SessionTimeoutMs;
        member.Protocols = request.Protocols;
        member.Join = call;
    }

    /// <summary>
    /// A static member came back under a new id; the old id is fenced. In a stable group whose protocol does not change it takes
    /// over the old assignment without a rebalance (KIP-345), and a leader is told not to assign (KIP-814).
    /// </summary>
    void ReplaceStatic(Call<JoinGroupRequest, JoinGroupResponse> call, GroupMember member, string memberId, long nowMs)
    {
        var oldId = member.MemberId;
        var oldLeader = LeaderId;
        AnswerJoin(member, ErrorCode.FencedInstanceId);
        AnswerSync(member, ErrorCode.FencedInstanceId);
        members.Remove(oldId);
        pendingSyncs.Remove(oldId);
        member.MemberId = memberId;
        if (LeaderId == oldId)
            LeaderId = memberId;
        Add(member);
        Update(member, call);
        KeepAlive(member, nowMs);
        if (State == GroupState.Stable && SelectProtocol() == ProtocolName)
        {
            member.Join = null;
            Persist();
            var answer = Joined(call, member);
            answer.SkipAssignment = call.Version >= 9 && LeaderId == memberId;
            if (call.Version < 9)
                (answer.Leader, answer.Members) = (oldLeader ?? "", []);
            call.Answer(answer);
            return;
        }

        RebalanceOrComplete(nowMs);
    }

    void RebalanceOrComplete(long nowMs)
    {
        if (State == GroupState.PreparingRebalance)
            CompleteJoinIfAllJoined(nowMs);
        else
            PrepareRebalance(nowMs);
    }

    void PrepareRebalance(long nowMs)
    {
        if (State == GroupState.CompletingRebalance)
        {
            foreach (var member in members.Values)
            {
                member.Assignment = [];
                AnswerSync(member, ErrorCode.RebalanceInProgress);
            }
        }

        syncTimer?.Cancel();
        pendingSyncs.Clear();
        isInitialJoin = State == GroupState.Empty;
        State = GroupState.PreparingRebalance;
        var delay = isInitialJoin ? cluster.Settings.InitialRebalanceDelayMs : LongestRebalanceTimeoutMs;
        if (isInitialJoin && delay <= 0)
        {
            CompleteJoin(nowMs);
            return;
        }

        var deadline = nowMs + Math.Max(delay, isInitialJoin ? LongestRebalanceTimeoutMs : delay);
        isMemberAdded = false;
        joinTimer = Timers.Schedule(nowMs + delay, now => OnJoinTimer(deadline, now));
        CompleteJoinIfAllJoined(nowMs);
    }

    /// <summary>The first rebalance of a group waits on as long as members keep coming, up to the rebalance timeout.</summary>
    void OnJoinTimer(long deadlineMs, long nowMs)
    {
        if (isInitialJoin && isMemberAdded && nowMs < deadlineMs)
        {
            isMemberAdded = false;
            var next = Math.Min(nowMs + cluster.Settings.InitialRebalanceDelayMs, deadlineMs);
            joinTimer = Timers.Schedule(next, now => OnJoinTimer(deadlineMs, now));
            return;
        }

        CompleteJoin(nowMs);
    }

    void OnPendingExpired(string memberId, long nowMs)
    {
        pendingJoins.Remove(memberId);
        CompleteJoinIfAllJoined(nowMs);
    }

    void CompleteJoinIfAllJoined(long nowMs)
    {
        if (State == GroupState.PreparingRebalance && !isInitialJoin && HasAllJoined)
            CompleteJoin(nowMs);
    }

    void CompleteJoin(long nowMs)
    {
        joinTimer?.Cancel();
        isInitialJoin = false;

        // Dynamic members that did not come again are out; static ones keep their place until their session ends.
        foreach (var late in members.Values.Where(member => member.Join is null && member.InstanceId is null).ToArray())
            Remove(late);
        if (members.Count > 0 && !HasJoinedLeader())
        {
            joinTimer = Timers.Schedule(nowMs + LongestRebalanceTimeoutMs, now => OnJoinTimer(now, now));
            return;
        }

        Generation++;
        ProtocolName = SelectProtocol();
        State = members.Count == 0 ? GroupState.Empty : GroupState.CompletingRebalance;
        if (State == GroupState.Empty)
        {
            LeaderId = null;
            Persist();
            return;
        }

        StartGeneration(nowMs);
    }

    void StartGeneration(long nowMs)
    {
        foreach (var member in members.Values.ToArray())
        {
            pendingSyncs.Add(member.MemberId);
            KeepAlive(member, nowMs);
            member.IsNew = false;
            if (member.Join is not { } join)
                continue;
            member.Join = null;
            join.Answer(Joined(join, member));
        }

        syncTimer?.Cancel();
        syncTimer = Timers.Schedule(nowMs + LongestRebalanceTimeoutMs, OnSyncsOverdue);
    }

    /// <summary>Whether a leader joined; one that did not is replaced by a member that did.</summary>
    bool HasJoinedLeader()
    {
        if (LeaderId is { } leader && members.TryGetValue(leader, out var member) && member.Join is not null)
            return true;
        var joined = members.Values.FirstOrDefault(candidate => candidate.Join is not null);
        if (joined is null)
            return false;
        LeaderId = joined.MemberId;
        return true;
    }

    JoinGroupResponse Joined(Call<JoinGroupRequest, JoinGroupResponse> call, GroupMember member)
    {
        if (!call.IsAbandoned)
            member.JoinedGeneration = Generation;
        return new JoinGroupResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            GenerationId = Generation,
            ProtocolType = ProtocolType,
            ProtocolName = ProtocolName ?? "",
            Leader = LeaderId ?? "",
            MemberId = member.MemberId,
            Members = member.MemberId == LeaderId ? [.. members.Values.Select(Describe)] : [],
        };
    }

    JoinGroupResponse.JoinGroupResponseMember Describe(GroupMember member) => new()
    {
        MemberId = member.MemberId, GroupInstanceId = member.InstanceId, Metadata = member.MetadataFor(ProtocolName),
    };

    static void AnswerJoin(GroupMember member, ErrorCode error)
    {
        if (member.Join is not { } join)
            return;
        member.Join = null;
        Refuse(join, member.MemberId, error);
    }

    internal static void Refuse(Call<JoinGroupRequest, JoinGroupResponse> call, string memberId, ErrorCode error) =>
        call.Answer(new JoinGroupResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            ErrorCode = error,
            MemberId = memberId,
            ProtocolName = call.Version >= 7 ? null : "",
        });
}
