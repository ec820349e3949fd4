namespace NetKafka.Administration;

/// <summary>Names the SCRAM credential of a user for a mechanism (KIP-554): each user has at most one for each.</summary>
/// <param name="User">The user, without a type: <c>alice</c>.</param>
/// <param name="Mechanism">The mechanism.</param>
public readonly record struct UserScramCredential(string User, ScramMechanism Mechanism)
{
    /// <summary>Reads as "SCRAM-SHA-256 of user 'alice'".</summary>
    /// <returns>Mechanism and user.</returns>
    public override string ToString() => Mechanism switch
    {
        ScramMechanism.ScramSha256 => $"SCRAM-SHA-256 of user '{User}'",
        ScramMechanism.ScramSha512 => $"SCRAM-SHA-512 of user '{User}'",
        _ => $"SCRAM mechanism {(int)Mechanism} of user '{User}'",
    };
}
