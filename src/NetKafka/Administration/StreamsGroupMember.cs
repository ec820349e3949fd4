namespace NetKafka.Administration;

/// <summary>A member of a streams group as its coordinator sees it (KIP-1071).</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="ClientId">What it calls itself.</param>
/// <param name="Host">From where it comes.</param>
/// <param name="Assignment">What it has.</param>
/// <param name="TargetAssignment">What it is to have.</param>
public sealed record StreamsGroupMember(string MemberId, string ClientId, string Host, StreamsTasks Assignment, StreamsTasks TargetAssignment)
{
    /// <summary>The lasting name of a static member; null of others.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>Where it runs, where it tells.</summary>
    public string? Rack { get; init; }

    /// <summary>The epoch that it is in.</summary>
    public int Epoch { get; init; }

    /// <summary>The epoch of the topology that it was built with.</summary>
    public int TopologyEpoch { get; init; }

    /// <summary>The process that it runs in: members of one share its state.</summary>
    public string ProcessId { get; init; } = "";

    /// <summary>Where others may ask it, as host:port; null where it has not said so.</summary>
    public string? UserEndpoint { get; init; }

    /// <summary>What it is told apart by, for standby tasks elsewhere.</summary>
    public IReadOnlyDictionary<string, string> ClientTags { get; init; } = new Dictionary<string, string>();

    /// <summary>How far the state of its tasks is, as offsets of their changelogs added up.</summary>
    public IReadOnlyDictionary<StreamsTask, long> TaskOffsets { get; init; } = new Dictionary<StreamsTask, long>();

    /// <summary>How far the state of its tasks could be.</summary>
    public IReadOnlyDictionary<StreamsTask, long> TaskEndOffsets { get; init; } = new Dictionary<StreamsTask, long>();

    /// <summary>Whether it speaks the classic protocol.</summary>
    public bool IsClassic { get; init; }
}
