namespace NetKafka.Administration;

/// <summary>How a user proves a password without sending it (RFC 5802, RFC 7677). The numbers are Kafka's.</summary>
public enum ScramMechanism
{
    /// <summary>One that this client does not know.</summary>
    Unknown = 0,

    /// <summary>SCRAM-SHA-256.</summary>
    ScramSha256 = 1,

    /// <summary>SCRAM-SHA-512.</summary>
    ScramSha512 = 2,
}
