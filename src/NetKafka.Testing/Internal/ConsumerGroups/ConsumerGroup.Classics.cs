using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <content>
/// Members of the classic protocol in a group of the consumer protocol. They join to be taken a step on, sync to hear what they have,
/// and are told by a heartbeat to join again where there is another step.
/// </content>
sealed partial class ConsumerGroup
{
    internal override void Join(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs)
    {
        var request = call.Request;
        var memberId = request.MemberId.Length > 0 ? request.MemberId : cluster.NewId().ToString();
        var error = CheckJoin(call, memberId, out var subscription);
        if (error != ErrorCode.None)
        {
            ClassicGroup.Refuse(call, memberId, error);
            return;
        }

        var replaced = request.MemberId.Length == 0 && request.GroupInstanceId is { } instance ? FindStatic(instance) : null;
        var goesBack = replaced is not null && OnlyClassicsBut(replaced) && MayGoBack(Count);
        var member = replaced is not null ? Rename(replaced, memberId) : members.GetValueOrDefault(memberId);
        if (member is null)
            members.Add(memberId, member = new ConsumerGroupMember(memberId));
        var hasChanged = Update(member, call, subscription);
        if (hasChanged)
            RaiseEpoch();
        else
            NoteTopics();
        if (!goesBack)
            MakeTarget(nowMs);
        if (!goesBack || !hasChanged)
            Reconcile(member, hasChanged, EmbeddedProtocol.OwnedOf(subscription, cluster), nowMs);
        var answer = Joined(call, member);
        if (goesBack)
            GoBack(null, needsRebalance: hasChanged, nowMs);
        else
            AwaitSync(member, nowMs);
        call.Answer(answer);
    }

    internal override void Sync(Call<SyncGroupRequest, SyncGroupResponse> call, long nowMs)
    {
        var error = CheckSync(call.Request, nowMs, out var member);
        if (error != ErrorCode.None)
        {
            ClassicGroup.Refuse(call, error);
            return;
        }

        member!.SyncTimeout?.Cancel();
        KeepAlive(member, nowMs);
        call.Answer(new SyncGroupResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            ProtocolType = call.Request.ProtocolType,
            ProtocolName = call.Request.ProtocolName,
            Assignment = EmbeddedProtocol.WriteAssignment(member.Assigned.Keys, member.Classic!.Metadata, cluster),
        });
    }

    internal override ErrorCode Heartbeat(string memberId, string? instanceId, int generation, long nowMs)
    {
        var error = CheckClassic(memberId, instanceId, out var member);
        if (error != ErrorCode.None)
            return error;
        if (generation != member!.Epoch)
            return ErrorCode.IllegalGeneration;
        KeepAlive(member, nowMs);
        var hasAnotherStep = member.Epoch < GroupEpoch || member.State == MemberState.UnrevokedPartitions
            || (member.State == MemberState.UnreleasedPartitions && !WaitsForOthers(member));
        if (!hasAnotherStep)
            return ErrorCode.None;
        AwaitJoin(member, nowMs);
        return ErrorCode.RebalanceInProgress;
    }

    internal override ErrorCode Leave(string memberId, string? instanceId, long nowMs)
    {
        // A static member may be removed by its instance alone, and whoever it is may be put out by this request whatever protocol it speaks.
        if (instanceId is not null && memberId.Length == 0 && FindStatic(instanceId) is { } known)
            memberId = known.MemberId;
        var error = CheckMember(memberId, instanceId, out var member);
        if (error == ErrorCode.None)
            Remove(member!, nowMs);
        return error;
    }

    ErrorCode CheckJoin(Call<JoinGroupRequest, JoinGroupResponse> call, string memberId, out ConsumerProtocolSubscription subscription)
    {
        subscription = new ConsumerProtocolSubscription();
        var request = call.Request;
        if (cluster.Settings.GroupMigration == GroupMigrationPolicy.Disabled)
            return ErrorCode.InconsistentGroupProtocol;
        if (members.Count >= cluster.Settings.MaxConsumerGroupSize && !members.ContainsKey(memberId))
            return ErrorCode.GroupMaxSizeReached;
        var classics = members.Values.Where(member => member.Classic is not null).ToArray();
        if (request.ProtocolType != EmbeddedProtocol.Type
            || !request.Protocols.Any(protocol => classics.All(member => member.Classic!.Protocols.Any(own => own.Name == protocol.Name))))
            return ErrorCode.InconsistentGroupProtocol;
        if (request.MemberId.Length == 0 && request.GroupInstanceId is null && call.Version >= 4)
            return ErrorCode.MemberIdRequired;
        if (request.MemberId.Length > 0 && request.GroupInstanceId is { } instance)
        {
            if (FindStatic(instance) is not { } known)
                return ErrorCode.UnknownMemberId;
            if (known.MemberId != memberId)
                return ErrorCode.FencedInstanceId;
        }

        try
        {
            subscription = EmbeddedProtocol.ReadSubscription(request.Protocols[0].Metadata);
            return ErrorCode.None;
        }
        catch (MalformedMessageException)
        {
            return ErrorCode.UnknownServerError;
        }
    }

    bool Update(ConsumerGroupMember member, Call<JoinGroupRequest, JoinGroupResponse> call, ConsumerProtocolSubscription subscription)
    {
        var request = call.Request;
        member.Classic = new ClassicMembership(request.SessionTimeoutMs, request.Protocols);
        return Update(member, call.ClientId ?? "", new ConsumerGroupHeartbeatRequest
        {
            InstanceId = request.GroupInstanceId,
            RackId = subscription.RackId,
            RebalanceTimeoutMs = request.RebalanceTimeoutMs >= 0 ? request.RebalanceTimeoutMs : request.SessionTimeoutMs,
            SubscribedTopicNames = subscription.Topics,
            SubscribedTopicRegex = "",
        }) != SubscriptionChange.None;
    }

    ErrorCode CheckSync(SyncGroupRequest request, long nowMs, out ConsumerGroupMember? member)
    {
        var error = CheckClassic(request.MemberId, request.GroupInstanceId, out member);
        if (error != ErrorCode.None)
            return error;
        if (request.GenerationId != member!.Epoch)
            return ErrorCode.IllegalGeneration;
        if ((request.ProtocolType is { } type && type != EmbeddedProtocol.Type)
            || (request.ProtocolName is { } name && name != member.Classic!.ProtocolName))
            return ErrorCode.InconsistentGroupProtocol;
        // Who is to give partitions up has to hear of it first.
        if (GroupEpoch <= member.Epoch || member.State == MemberState.UnrevokedPartitions)
            return ErrorCode.None;
        AwaitJoin(member, nowMs);
        return ErrorCode.RebalanceInProgress;
    }

    ErrorCode CheckClassic(string memberId, string? instanceId, out ConsumerGroupMember? member)
    {
        var error = CheckMember(memberId, instanceId, out member);
        return error == ErrorCode.None && member!.Classic is null ? ErrorCode.UnknownMemberId : error;
    }

    ErrorCode CheckMember(string memberId, string? instanceId, out ConsumerGroupMember? member)
    {
        member = instanceId is null ? Find(memberId) : FindStatic(instanceId);
        if (member is null)
            return ErrorCode.UnknownMemberId;
        return member.MemberId == memberId ? ErrorCode.None : ErrorCode.FencedInstanceId;
    }

    /// <summary>Nobody leads: the coordinator itself says who has what.</summary>
    static JoinGroupResponse Joined(Call<JoinGroupRequest, JoinGroupResponse> call, ConsumerGroupMember member) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        GenerationId = member.Epoch,
        ProtocolType = EmbeddedProtocol.Type,
        ProtocolName = member.Classic!.ProtocolName,
        MemberId = member.MemberId,
    };

    bool WaitsForOthers(ConsumerGroupMember member) => TargetOf(member.MemberId).Any(partition =>
        !member.Assigned.ContainsKey(partition) && members.Values.Any(holder => holder.Holds(partition)));

    /// <summary>A member that was told to join again has its rebalance timeout for it, from the first time on.</summary>
    void AwaitJoin(ConsumerGroupMember member, long nowMs)
    {
        if (member.JoinTimeout is not { Due: not null })
            member.JoinTimeout = Timers.Schedule(nowMs + member.RebalanceTimeoutMs, now => Remove(member, now));
    }

    void AwaitSync(ConsumerGroupMember member, long nowMs)
    {
        member.JoinTimeout?.Cancel();
        member.SyncTimeout?.Cancel();
        member.SyncTimeout = Timers.Schedule(nowMs + member.RebalanceTimeoutMs, now => Remove(member, now));
        KeepAlive(member, nowMs);
    }
}
