using NetKafka.Testing.Internal.Groups;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;

namespace NetKafka.Testing.Internal.StreamsGroups;

/// <summary>One member of a streams group (KIP-1071): what it said of itself, and the tasks that it has.</summary>
sealed class StreamsGroupMember(string memberId) : IGroupMember
{
    public string MemberId { get; } = memberId;

    public string? InstanceId { get; set; }

    public string ClientId { get; set; } = "";

    internal string? RackId { get; set; }

    internal string ProcessId { get; set; } = "";

    internal int TopologyEpoch { get; set; }

    internal int RebalanceTimeoutMs { get; set; }

    internal Request.Endpoint? UserEndpoint { get; set; }

    internal Request.KeyValue[] ClientTags { get; set; } = [];

    internal int Epoch { get; set; }

    /// <summary>The epoch before, with which it may come once more: the answer that brought the newer one may be lost.</summary>
    internal int PreviousEpoch { get; set; }

    /// <summary>What it works on.</summary>
    internal SortedSet<StreamsTaskId> Active { get; set; } = [];

    /// <summary>What it has to give up, and has not said that it did.</summary>
    internal SortedSet<StreamsTaskId> Revoking { get; set; } = [];

    /// <summary>Ends its session, unless a heartbeat comes before.</summary>
    internal TimerEntry? Session { get; set; }

    /// <summary>Ends its membership, unless it gives up what it has to.</summary>
    internal TimerEntry? Revocation { get; set; }
}
