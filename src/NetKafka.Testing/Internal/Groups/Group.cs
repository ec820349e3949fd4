using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>
/// A group of consumers by either protocol, one that shares or one of Kafka Streams, as the APIs that all know see it. A group that goes over to the other
/// protocol becomes another object, which goes on with its offsets.
/// </summary>
abstract class Group(string groupId, OffsetStore offsets)
{
    internal string GroupId { get; } = groupId;

    internal OffsetStore Offsets { get; } = offsets;

    /// <summary>"classic", "consumer", "share" or "streams", as ListGroups says.</summary>
    internal abstract string TypeName { get; }

    internal abstract string StateName { get; }

    /// <summary>Such as "consumer"; null before the first member.</summary>
    internal abstract string? ProtocolType { get; }

    internal abstract IEnumerable<IGroupMember> Members { get; }

    internal abstract int Count { get; }

    /// <summary>Nobody is in it, so that it can be deleted or begin anew by the other protocol.</summary>
    internal abstract bool IsEmpty { get; }

    internal abstract void Join(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs);

    internal abstract void Sync(Call<SyncGroupRequest, SyncGroupResponse> call, long nowMs);

    /// <summary>Heartbeat of the classic protocol.</summary>
    internal abstract ErrorCode Heartbeat(string memberId, string? instanceId, int generation, long nowMs);

    /// <summary>LeaveGroup of the classic protocol.</summary>
    internal abstract ErrorCode Leave(string memberId, string? instanceId, long nowMs);

    /// <summary>Whether a commit may be written. One that names no member is for groups that nobody is in.</summary>
    internal abstract ErrorCode CheckCommit(in CommitClaim claim, long nowMs);

    /// <summary>Whether a commit that may be written may name a partition. One that may not refuses the whole request.</summary>
    internal virtual ErrorCode CheckPartition(in CommitClaim claim, TopicIdPartition partition) => ErrorCode.None;

    /// <summary>Whether offsets may go into a transaction (KIP-447).</summary>
    internal abstract ErrorCode CheckTransaction(in CommitClaim claim);

    /// <summary>Whether offsets may be deleted, those of topics that nobody subscribes to.</summary>
    internal abstract ErrorCode CheckOffsetDelete();

    /// <summary>Whether a member subscribes to a topic, or may do so as far as is known.</summary>
    internal abstract bool IsSubscribedTo(string topic);

    /// <summary>Whether a member may read the offsets; who names no member may.</summary>
    internal virtual ErrorCode CheckFetch(string? memberId, int memberEpoch) => ErrorCode.None;

    /// <summary>Its coordinator is gone: parked requests end, timers stop, and only what was written is left.</summary>
    internal abstract void Unload();

    /// <summary>A coordinator read the group from its log, and begins every session anew.</summary>
    internal abstract void Load(long nowMs);
}
