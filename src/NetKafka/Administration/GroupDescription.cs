namespace NetKafka.Administration;

/// <summary>A group as its coordinator sees it.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Type">What kind it is.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Members">Its members, by their ids.</param>
public sealed record GroupDescription(string GroupId, GroupType Type, GroupState State, IReadOnlyList<GroupMember> Members)
{
    /// <summary>The broker that coordinates it; null where that is not known any more.</summary>
    public BrokerNode? Coordinator { get; init; }

    /// <summary>What its members are by their own word: "consumer", "connect", "share", …</summary>
    public string ProtocolType { get; init; } = "";

    /// <summary>The assignor that is in use; empty while none is.</summary>
    public string Assignor { get; init; } = "";

    /// <summary>How often its members or what they want have changed; −1 in groups of the classic protocol.</summary>
    public int Epoch { get; init; } = -1;

    /// <summary>The epoch that the target was worked out for; −1 in groups of the classic protocol.</summary>
    public int TargetAssignmentEpoch { get; init; } = -1;

    /// <summary>What this client may do to it; null where that was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
