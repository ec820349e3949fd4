using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>In whose name offsets are committed, and who is told what a coordinator says of the member.</summary>
interface IGroupMembership
{
    /// <summary>Empty without membership (partitions assigned by hand).</summary>
    string MemberId { get; }

    /// <summary>−1 without membership.</summary>
    int Generation { get; }

    /// <summary>Whether a commit may be sent: a subscriber that is no member would write over what members committed.</summary>
    bool CanCommit { get; }

    /// <summary>Whether the group is being rebalanced: a refusal then says nothing of this member.</summary>
    bool IsRebalancing { get; }

    /// <summary>Whether <see cref="Generation"/> is a member epoch (KIP-848), which the coordinator raises at any heartbeat.</summary>
    bool IsOfConsumerProtocol { get; }

    /// <summary>The id of the topic of which a partition was given to this member; empty where partitions are given by the topic's name alone.</summary>
    Guid TopicIdOf(TopicPartition partition);

    /// <summary>The coordinator said so while the member took itself for settled.</summary>
    void OnRefused(ErrorCode error);
}
