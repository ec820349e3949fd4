namespace NetKafka.Protocol.Records;

/// <summary>What a control record says.</summary>
public enum ControlRecordType
{
    /// <summary>A kind that this client does not know, to be skipped.</summary>
    Unknown = -1,

    /// <summary>The producer's transaction was aborted.</summary>
    Abort = 0,

    /// <summary>The producer's transaction was committed.</summary>
    Commit = 1,

    /// <summary>A new leader, in the log of the KRaft controllers.</summary>
    LeaderChange = 2,

    /// <summary>The first record of a KRaft snapshot.</summary>
    SnapshotHeader = 3,

    /// <summary>The last record of a KRaft snapshot.</summary>
    SnapshotFooter = 4,

    /// <summary>The version of the KRaft protocol.</summary>
    KRaftVersion = 5,

    /// <summary>The voters of a KRaft quorum.</summary>
    KRaftVoters = 6,
}
