using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>One member of a classic group.</summary>
sealed class GroupMember(string memberId, string? instanceId) : IGroupMember
{
    public string MemberId { get; set; } = memberId;

    public string? InstanceId { get; } = instanceId;

    public string ClientId { get; set; } = "";

    internal int SessionTimeoutMs { get; set; }

    internal int RebalanceTimeoutMs { get; set; }

    /// <summary>The protocols it can, the best liked first, with what it says to each.</summary>
    internal JoinGroupRequest.JoinGroupRequestProtocol[] Protocols { get; set; } = [];

    internal byte[] Assignment { get; set; } = [];

    /// <summary>It joined and has not yet been in a generation.</summary>
    internal bool IsNew { get; set; }

    /// <summary>
    /// The generation that it was last told of. A static member may have missed the group's, and a join may have come without its connection:
    /// they stay in the group all the same.
    /// </summary>
    internal int JoinedGeneration { get; set; }

    /// <summary>Its JoinGroup, while that is parked.</summary>
    internal Call<JoinGroupRequest, JoinGroupResponse>? Join { get; set; }

    /// <summary>Its SyncGroup, while that is parked.</summary>
    internal Call<SyncGroupRequest, SyncGroupResponse>? Sync { get; set; }

    /// <summary>Ends its session, unless a heartbeat comes before.</summary>
    internal TimerEntry? Session { get; set; }

    internal byte[] MetadataFor(string? protocol)
    {
        foreach (var candidate in Protocols)
        {
            if (candidate.Name == protocol)
                return candidate.Metadata;
        }

        return [];
    }

    /// <summary>Whether a rejoin says nothing new.</summary>
    internal bool Matches(JoinGroupRequest.JoinGroupRequestProtocol[] protocols) =>
        Protocols.Length == protocols.Length
        && Protocols.Zip(protocols).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));
}
