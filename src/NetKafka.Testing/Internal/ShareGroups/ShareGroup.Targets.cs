using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ShareGroups;

/// <content>Who is to read what.</content>
sealed partial class ShareGroup
{
    internal IReadOnlyCollection<TopicIdPartition> TargetOf(string memberId) => targets.TryGetValue(memberId, out var target) ? target : [];

    /// <summary>The partitions whose state was set up.</summary>
    internal IReadOnlyCollection<TopicIdPartition> Initialized => initialized;

    internal void SetUp(TopicIdPartition partition) => initialized.Add(partition);

    /// <summary>What was set up of a topic is so no more.</summary>
    /// <returns>Whether anything was.</returns>
    internal bool Forget(Guid topicId) => initialized.RemoveWhere(partition => partition.TopicId == topicId) > 0;

    /// <summary>Whether a partition was set up that nobody has been given.</summary>
    bool IsAssignmentPending()
    {
        if (GroupEpoch > AssignmentEpoch)
            return false;
        var assigned = new SortedSet<TopicIdPartition>(targets.Values.SelectMany(static target => target));
        return Assignable().Any(partition => !assigned.Contains(partition));
    }

    IEnumerable<TopicIdPartition> Assignable() => topics.Existing(SubscribedNames).SelectMany(AssignableOf);

    IEnumerable<TopicIdPartition> AssignableOf(Topic topic) =>
        topic.Partitions.Select(partition => new TopicIdPartition(topic.Id, partition.Index)).Where(initialized.Contains);

    /// <summary>Makes the target for the group's epoch, unless it was made or the last one is too new (KIP-1263).</summary>
    void MakeTarget(long nowMs)
    {
        if (AssignmentEpoch >= GroupEpoch || nowMs < targetMadeAtMs + cluster.Settings.ShareAssignmentIntervalMs)
            return;
        var sharers = members.Values
            .Select(member => new Sharer(
                member.MemberId, [.. topics.Existing(member.TopicNames).SelectMany(AssignableOf)], TargetOf(member.MemberId)))
            .ToArray();
        var assigned = SimpleAssignor.Assign(sharers);
        targets.Clear();
        foreach (var (memberId, target) in assigned)
            targets.Add(memberId, target);
        (AssignmentEpoch, targetMadeAtMs) = (GroupEpoch, nowMs);
    }

    /// <summary>In one step: nobody has to give anything up for another.</summary>
    void MoveToTarget(ShareGroupMember member)
    {
        if (member.Epoch == AssignmentEpoch)
            return;
        var subscribed = new SortedSet<Guid>(topics.Existing(member.TopicNames).Select(topic => topic.Id));
        (member.PreviousEpoch, member.Epoch) = (member.Epoch, AssignmentEpoch);
        member.Assigned = [.. TargetOf(member.MemberId).Where(partition => subscribed.Contains(partition.TopicId))];
    }

    /// <summary>Sets partitions up that nobody has read before, at this moment but behind the answer.</summary>
    void Initialize(long nowMs)
    {
        if (initialization is not null)
            return;
        var isNeeded = topics.Existing(SubscribedNames).Any(topic =>
            topic.Partitions.Exists(partition => !initialized.Contains(new TopicIdPartition(topic.Id, partition.Index))));
        if (isNeeded)
            initialization = cluster.Timers.Schedule(nowMs, _ => SetUp());
    }

    void SetUp()
    {
        initialization = null;
        foreach (var topic in topics.Existing(SubscribedNames))
        {
            foreach (var partition in topic.Partitions)
                initialized.Add(new TopicIdPartition(topic.Id, partition.Index));
        }
    }
}
