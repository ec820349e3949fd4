namespace NetKafka.Administration;

/// <summary>What a group is doing.</summary>
public enum GroupState
{
    /// <summary>Something that this client does not know, or that the broker does not tell.</summary>
    Unknown,

    /// <summary>Classic: its members are joining.</summary>
    PreparingRebalance,

    /// <summary>Classic: its leader shares out.</summary>
    CompletingRebalance,

    /// <summary>Its members have what they are to have.</summary>
    Stable,

    /// <summary>It is gone.</summary>
    Dead,

    /// <summary>It has no members; its offsets are there.</summary>
    Empty,

    /// <summary>Consumer: a new target is worked out.</summary>
    Assigning,

    /// <summary>Consumer: members have not given up or taken yet what the target says.</summary>
    Reconciling,

    /// <summary>Streams: its topics are not as its topology wants them.</summary>
    NotReady,
}
