using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ShareGroups;

/// <summary>One member of a share group (KIP-932): what it asked for, and what it has.</summary>
sealed class ShareGroupMember(string memberId) : IGroupMember
{
    public string MemberId { get; } = memberId;

    /// <summary>Share groups know no static members.</summary>
    public string? InstanceId => null;

    public string ClientId { get; set; } = "";

    internal string? RackId { get; set; }

    /// <summary>The topics that it names, each once and in order.</summary>
    internal string[] TopicNames { get; set; } = [];

    internal int Epoch { get; set; }

    /// <summary>The epoch before, with which it may come once more: the answer that brought the newer one may be lost.</summary>
    internal int PreviousEpoch { get; set; }

    /// <summary>What it reads, maybe with others.</summary>
    internal SortedSet<TopicIdPartition> Assigned { get; set; } = [];

    /// <summary>Ends its session, unless a heartbeat comes before.</summary>
    internal TimerEntry? Session { get; set; }
}
