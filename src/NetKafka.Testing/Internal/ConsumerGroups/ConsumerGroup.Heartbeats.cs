using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatResponse;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <content>Heartbeats of the members: joining, staying and leaving.</content>
sealed partial class ConsumerGroup
{
    /// <summary>A heartbeat of a member that joins or stays. One that is refused changes nothing.</summary>
    internal GroupError Heartbeat(Request request, string clientId, long nowMs, out Response answer)
    {
        answer = new Response();
        var error = Check(request);
        if (!error.IsNone)
            return error;
        var member = Enter(request);
        var before = member.Assigned;
        if (member.Classic is not null)
            member.CancelTimers();
        member.Classic = null;
        var change = Update(member, clientId, request);
        if (change == SubscriptionChange.Known)
            RaiseEpoch();
        else
            NoteTopics();
        MakeTarget(nowMs);
        Reconcile(member, change != SubscriptionChange.None, request.TopicPartitions, nowMs);
        KeepAlive(member, nowMs);
        RefreshRegexes(nowMs);
        answer = new Response
        {
            MemberId = member.MemberId,
            MemberEpoch = member.Epoch,
            HeartbeatIntervalMs = cluster.GroupConfigs.Number(GroupId, GroupConfigNames.ConsumerHeartbeatIntervalMs),
            Assignment = TellsAll(request) || !before.SequenceEqual(member.Assigned) ? AssignmentOf(member) : null,
        };
        return GroupError.None;
    }

    /// <summary>A heartbeat of a member that leaves, for good or (a static one) for now.</summary>
    internal GroupError Leave(Request request, long nowMs, out Response answer)
    {
        answer = new Response { MemberId = request.MemberId, MemberEpoch = request.MemberEpoch };
        var error = CheckIdentity(request);
        if (!error.IsNone)
            return error;
        var member = members[request.MemberId];
        if (request.InstanceId is not null && request.MemberEpoch == MemberEpochs.LeaveForNow)
            LeaveForNow(member);
        else
            Remove(member, nowMs);
        return GroupError.None;
    }

    /// <summary>What it has is kept for whoever comes back in its place, to whom it counts as given from the first epoch on.</summary>
    static void LeaveForNow(ConsumerGroupMember member)
    {
        (member.Epoch, member.Revoking) = (MemberEpochs.LeaveForNow, []);
        foreach (var partition in member.Assigned.Keys.ToArray())
            member.Assigned[partition] = MemberEpochs.Join;
    }

    /// <summary>Whether the answer carries the assignment, changed or not: the request said all that there is to say.</summary>
    static bool TellsAll(Request request) =>
        request.MemberEpoch == MemberEpochs.Join
        || (request.RebalanceTimeoutMs != -1
            && (request.SubscribedTopicNames is not null || request.SubscribedTopicRegex is not null)
            && request.TopicPartitions is not null);

    static Response.AssignmentData AssignmentOf(ConsumerGroupMember member) => new()
    {
        TopicPartitions = [.. member.Assigned.Keys.GroupBy(partition => partition.TopicId).Select(topic => new Response.TopicPartitions
        {
            TopicId = topic.Key, Partitions = [.. topic.Select(partition => partition.Partition)],
        })],
    };

    GroupError Check(Request request)
    {
        if (members.Count >= cluster.Settings.MaxConsumerGroupSize && !members.ContainsKey(request.MemberId))
            return new GroupError(ErrorCode.GroupMaxSizeReached, $"Group {GroupId} has {members.Count} members, and may not have more.");
        var error = request.MemberEpoch == MemberEpochs.Join ? CheckJoin(request) : CheckIdentity(request);
        if (error.IsNone && request.MemberEpoch != MemberEpochs.Join)
            error = CheckEpoch(members[request.MemberId], request);
        return error.IsNone ? CheckRegex(request) : error;
    }

    /// <summary>A static member that is there and did not leave keeps others from its name; one of the classic protocol does not.</summary>
    GroupError CheckJoin(Request request)
    {
        if (request.InstanceId is { } instance && FindStatic(instance) is { Epoch: not MemberEpochs.LeaveForNow, Classic: null } other)
        {
            return new GroupError(
                ErrorCode.UnreleasedInstanceId, $"Member {other.MemberId} has the instance id {instance} and did not leave.");
        }

        return GroupError.None;
    }

    /// <summary>Checks who speaks: static members by their instance, and everyone by the member id.</summary>
    GroupError CheckIdentity(Request request)
    {
        if (request.InstanceId is not { } instance)
        {
            return members.ContainsKey(request.MemberId)
                ? GroupError.None
                : new GroupError(ErrorCode.UnknownMemberId, $"Member {request.MemberId} is not in group {GroupId}.");
        }

        if (FindStatic(instance) is not { } member)
            return new GroupError(ErrorCode.UnknownMemberId, $"Nobody in group {GroupId} has the instance id {instance}.");
        return member.MemberId == request.MemberId
            ? GroupError.None
            : new GroupError(ErrorCode.FencedInstanceId, $"Member {member.MemberId} has the instance id {instance} now.");
    }

    /// <summary>
    /// An older epoch is taken once more from a member that has nothing but what it is to have: the answer with its new epoch may have
    /// been lost.
    /// </summary>
    static GroupError CheckEpoch(ConsumerGroupMember member, Request request)
    {
        var epoch = request.MemberEpoch;
        var isPrevious = epoch < member.Epoch && epoch == member.PreviousEpoch && request.TopicPartitions is { } owned
            && owned.All(topic => topic.Partitions.All(partition => member.Assigned.ContainsKey(new TopicIdPartition(topic.TopicId, partition))));
        return epoch == member.Epoch || isPrevious
            ? GroupError.None
            : new GroupError(ErrorCode.FencedMemberEpoch, $"Member {member.MemberId} is in epoch {member.Epoch} and not in {epoch}; it has to join anew.");
    }

    /// <summary>The member that speaks: there, new, or a static one that comes back under another id to what it had.</summary>
    ConsumerGroupMember Enter(Request request)
    {
        var memberId = request.MemberId.Length > 0 ? request.MemberId : cluster.NewId().ToString();
        if (request.MemberEpoch == MemberEpochs.Join && request.InstanceId is { } instance && FindStatic(instance) is { } before)
            return Rename(before, memberId);
        if (!members.TryGetValue(memberId, out var member))
            members.Add(memberId, member = new ConsumerGroupMember(memberId));
        return member;
    }

    ConsumerGroupMember Rename(ConsumerGroupMember member, string memberId)
    {
        var target = TargetOf(member.MemberId);
        Forget(member);
        member.MemberId = memberId;
        (member.Epoch, member.PreviousEpoch) = (MemberEpochs.Join, MemberEpochs.Join);
        targets[memberId] = [.. target];
        members[memberId] = member;
        return member;
    }

    static string[] InOrder(IEnumerable<string> names) => [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What is not said stays as it was said before.</summary>
    SubscriptionChange Update(ConsumerGroupMember member, string clientId, Request request)
    {
        member.InstanceId = request.InstanceId ?? member.InstanceId;
        if (member.InstanceId is { } instance)
            memberIdByInstance[instance] = member.MemberId;
        member.ClientId = clientId;
        member.RackId = request.RackId ?? member.RackId;
        member.ServerAssignor = request.ServerAssignor ?? member.ServerAssignor;
        if (request.RebalanceTimeoutMs != -1)
            member.RebalanceTimeoutMs = request.RebalanceTimeoutMs;
        var change = UpdateRegex(member, request.SubscribedTopicRegex ?? member.TopicRegex);
        var names = request.SubscribedTopicNames is { } said ? InOrder(said) : member.TopicNames;
        if (names.AsSpan().SequenceEqual(member.TopicNames))
            return change;
        member.TopicNames = names;
        return SubscriptionChange.Known;
    }

    void Reconcile(ConsumerGroupMember member, bool hasSubscriptionChanged, Request.TopicPartitionsData[]? owned, long nowMs)
    {
        if (!hasSubscriptionChanged && member.IsReconciledTo(AssignmentEpoch))
            return;
        var subscribed = new SortedSet<Guid>(SubscribedTopics(member).Select(topic => topic.Id));
        var step = new Reconciliation(
            member, AssignmentEpoch, TargetOf(member.MemberId), subscribed, partition => IsTaken(partition, member), owned);
        if (!step.Advance(hasSubscriptionChanged))
            return;
        if (member.State == MemberState.UnrevokedPartitions && member.Classic is null)
            StartRebalanceTimer(member, nowMs);
        else
            member.Rebalance?.Cancel();
    }

    bool IsTaken(TopicIdPartition partition, ConsumerGroupMember member) =>
        members.Values.Any(other => other != member && other.Holds(partition));
}
