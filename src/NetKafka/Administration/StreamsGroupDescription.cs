namespace NetKafka.Administration;

/// <summary>A group of Kafka Streams applications by the streams protocol (KIP-1071), as its coordinator sees it.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Members">Its members, by their ids.</param>
public sealed record StreamsGroupDescription(string GroupId, GroupState State, IReadOnlyList<StreamsGroupMember> Members)
{
    /// <summary>The broker that coordinates it; null where that is not known any more.</summary>
    public BrokerNode? Coordinator { get; init; }

    /// <summary>How often its members or its topology have changed.</summary>
    public int Epoch { get; init; }

    /// <summary>The epoch that the target was worked out for.</summary>
    public int TargetAssignmentEpoch { get; init; }

    /// <summary>The assignor that is in use; null where the broker does not tell it (StreamsGroupDescribe 1).</summary>
    public string? Assignor { get; init; }

    /// <summary>What its members work on; null before the first has said it.</summary>
    public StreamsTopology? Topology { get; init; }

    /// <summary>What this client may do to it; null where that was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
