namespace NetKafka.Administration;

/// <summary>What a cluster tells of the SCRAM credential of a user (KIP-554): never its salt or its keys.</summary>
/// <param name="Mechanism">The mechanism that it is for.</param>
/// <param name="Iterations">How many times the password was hashed.</param>
public sealed record ScramCredentialInfo(ScramMechanism Mechanism, int Iterations);
