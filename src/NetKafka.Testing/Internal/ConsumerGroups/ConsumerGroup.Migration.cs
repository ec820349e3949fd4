using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <content>From the classic protocol, and back to it (KIP-848).</content>
sealed partial class ConsumerGroup
{
    /// <summary>
    /// A group that goes on where a classic one is: its generation is the epoch, its members have what its leader gave them. The classic
    /// one is not changed.
    /// </summary>
    /// <returns>Null where the policy, the size or the members forbid it.</returns>
    internal static ConsumerGroup? TryContinue(ClassicGroup classic, ClusterState cluster)
    {
        var mayGo = cluster.Settings.GroupMigration is GroupMigrationPolicy.Bidirectional or GroupMigrationPolicy.Upgrade;
        if (!mayGo || classic.ProtocolType != EmbeddedProtocol.Type || classic.Count > cluster.Settings.MaxConsumerGroupSize)
            return null;
        var group = new ConsumerGroup(classic.GroupId, cluster, classic.Offsets)
        {
            GroupEpoch = classic.Generation, AssignmentEpoch = classic.Generation,
        };
        try
        {
            foreach (var member in classic.Members)
                group.TakeOver(member, classic);
        }
        catch (MalformedMessageException)
        {
            return null;
        }

        group.topics.Look(group.SubscribedNames);
        return group;
    }

    void TakeOver(GroupMember member, ClassicGroup classic)
    {
        var metadata = classic.ProtocolName is { } protocol ? member.MetadataFor(protocol) : member.Protocols[0].Metadata;
        var subscription = EmbeddedProtocol.ReadSubscription(metadata);
        var assigned = new SortedDictionary<TopicIdPartition, int>();
        foreach (var partition in EmbeddedProtocol.ReadAssignment(member.Assignment, cluster))
            assigned[partition] = classic.Generation;
        members.Add(member.MemberId, new ConsumerGroupMember(member.MemberId)
        {
            InstanceId = member.InstanceId,
            ClientId = member.ClientId,
            RackId = subscription.RackId,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            TopicNames = InOrder(subscription.Topics),
            Epoch = classic.Generation,
            PreviousEpoch = classic.Generation,
            Assigned = assigned,
            Classic = new ClassicMembership(member.SessionTimeoutMs, member.Protocols),
        });
        targets.Add(member.MemberId, [.. assigned.Keys]);
        if (member.InstanceId is { } instance)
            memberIdByInstance[instance] = member.MemberId;
    }

    bool OnlyClassicsBut(ConsumerGroupMember member) =>
        member.Classic is null && members.Values.All(other => other == member || other.Classic is not null);

    bool MayGoBack(int count) =>
        count > 0 && count <= cluster.Settings.MaxGroupSize
        && cluster.Settings.GroupMigration is GroupMigrationPolicy.Bidirectional or GroupMigrationPolicy.Downgrade;

    /// <summary>The members that are left, all of the classic protocol, go on as a classic group, with their target as its assignment.</summary>
    void GoBack(ConsumerGroupMember? leaving, bool needsRebalance, long nowMs)
    {
        Unload();
        var classics = members.Values.Where(member => member != leaving).Select(member => new GroupMember(member.MemberId, member.InstanceId)
        {
            ClientId = member.ClientId,
            SessionTimeoutMs = member.Classic!.SessionTimeoutMs,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            Protocols = member.Classic.Protocols,
            Assignment = EmbeddedProtocol.WriteAssignment(TargetOf(member.MemberId), member.Classic.Metadata, cluster),
        });
        var group = new ClassicGroup(GroupId, cluster, Offsets);
        cluster.Groups.Replace(group);
        group.Continue(GroupEpoch, EmbeddedProtocol.Type, classics, needsRebalance, nowMs);
    }
}
