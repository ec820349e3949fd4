namespace NetKafka.Administration;

/// <summary>What somebody may do to something. The numbers are Kafka's.</summary>
public enum AclOperation
{
    /// <summary>One that this client does not know.</summary>
    Unknown = 0,

    /// <summary>In filters: any.</summary>
    Any = 1,

    /// <summary>All.</summary>
    All = 2,

    /// <summary>Read.</summary>
    Read = 3,

    /// <summary>Write.</summary>
    Write = 4,

    /// <summary>Create.</summary>
    Create = 5,

    /// <summary>Delete.</summary>
    Delete = 6,

    /// <summary>Change.</summary>
    Alter = 7,

    /// <summary>Look at.</summary>
    Describe = 8,

    /// <summary>What brokers do among each other.</summary>
    ClusterAction = 9,

    /// <summary>Look at configurations.</summary>
    DescribeConfigs = 10,

    /// <summary>Change configurations.</summary>
    AlterConfigs = 11,

    /// <summary>Write with idempotence; since Kafka 3.0 whoever may write to a topic may.</summary>
    IdempotentWrite = 12,

    /// <summary>Create delegation tokens for somebody.</summary>
    CreateTokens = 13,

    /// <summary>Look at delegation tokens of somebody.</summary>
    DescribeTokens = 14,

    /// <summary>Take part in transactions in two phases (KIP-939).</summary>
    TwoPhaseCommit = 15,
}
