using NetKafka.Testing.Internal.ConsumerGroups;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;

namespace NetKafka.Testing.Internal.StreamsGroups;

/// <content>Who is to work on what, and how members come to it.</content>
sealed partial class StreamsGroup
{
    readonly SortedDictionary<string, SortedSet<StreamsTaskId>> targets = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<StreamsTaskId> TargetOf(string memberId) => targets.TryGetValue(memberId, out var target) ? target : [];

    /// <summary>
    /// Makes the target for the group's epoch: as even as it can be, and each task where it was if that is even. Before everything that is read is
    /// there, and while the first members are waited for, nobody has anything.
    /// </summary>
    void MakeTarget(long nowMs)
    {
        if (AssignmentEpoch >= GroupEpoch || IsDelayed(nowMs) || nowMs < targetMadeAtMs + cluster.Settings.StreamsAssignmentIntervalMs)
            return;
        StreamsTaskId[] tasks = topology is { IsReady: true } ? [.. topology.Tasks()] : [];
        var shares = members.Keys.ToDictionary(static id => id, static _ => new SortedSet<StreamsTaskId>(), StringComparer.Ordinal);
        var (least, more) = Math.DivRem(tasks.Length, Math.Max(1, members.Count));
        var left = new List<StreamsTaskId>();
        foreach (var task in tasks)
        {
            var owner = targets.FirstOrDefault(target => target.Value.Contains(task) && shares.ContainsKey(target.Key)).Key;
            if (owner is null || shares[owner].Count > least || (shares[owner].Count == least && more == 0))
                left.Add(task);
            else
            {
                if (shares[owner].Count == least)
                    more--;
                shares[owner].Add(task);
            }
        }
        foreach (var task in left)
            members.Keys.Select(id => shares[id]).MinBy(static share => share.Count)!.Add(task);
        targets.Clear();
        foreach (var (memberId, share) in shares)
            targets.Add(memberId, share);
        (AssignmentEpoch, targetMadeAtMs) = (GroupEpoch, nowMs);
    }

    bool IsSettled(StreamsGroupMember member) => member.Epoch == AssignmentEpoch && member.Revoking.Count == 0 && member.Active.SetEquals(TargetOf(member.MemberId));

    /// <summary>Brings a member nearer to its target: what it must not have it gives up first, and takes what nobody has any more.</summary>
    void Reconcile(StreamsGroupMember member, Request request, long nowMs)
    {
        if (request.MemberEpoch == MemberEpochs.Join)
        {
            // Who joins anew has nothing.
            (member.Active, member.Revoking) = ([], []);
            member.Revocation?.Cancel();
            member.Epoch = Math.Max(1, AssignmentEpoch);
        }
        else if (member.Revoking.Count > 0)
        {
            if (request.ActiveTasks is null || Owned(request).Overlaps(member.Revoking))
                return;
            member.Revoking = [];
            member.Revocation?.Cancel();
        }
        var target = TargetOf(member.MemberId);
        SortedSet<StreamsTaskId> kept = [.. member.Active.Intersect(target)];
        if (kept.Count < member.Active.Count)
        {
            (member.Revoking, member.Active) = ([.. member.Active.Except(kept)], kept);
            AwaitRevocation(member, nowMs);
            return;
        }
        var held = members.Values.Where(other => other != member).SelectMany(static other => other.Active.Concat(other.Revoking)).ToHashSet();
        member.Active = [.. target.Where(task => !held.Contains(task))];
        if (member.Epoch != AssignmentEpoch && AssignmentEpoch > 0)
            (member.PreviousEpoch, member.Epoch) = (member.Epoch, AssignmentEpoch);
    }

    void AwaitRevocation(StreamsGroupMember member, long nowMs)
    {
        member.Revocation?.Cancel();
        member.Revocation = cluster.Timers.Schedule(nowMs + Math.Max(1, member.RebalanceTimeoutMs), now => Remove(member, now));
    }
}
