using System.Security.Cryptography;
using System.Text;

namespace NetKafka.Administration;

/// <summary>
/// A SCRAM credential that is set, whether the user has one or not (KIP-554). The password is hashed at once (PBKDF2, RFC 8018) and neither kept nor sent:
/// the cluster is given the salt and the salted password, from which it makes the keys that it keeps.
/// </summary>
/// <remarks>The hash takes some milliseconds. Who learns the salted password can log in as the user: reach the cluster over TLS.</remarks>
public sealed class UserScramUpsertion
{
    /// <summary>The fewest iterations that Kafka takes.</summary>
    public const int MinIterations = 4096;

    /// <summary>The most iterations that Kafka takes.</summary>
    public const int MaxIterations = 16_384;

    const int SaltBytes = 32;

    /// <summary>Hashes a password for a user.</summary>
    /// <param name="user">The user, without a type: <c>alice</c>.</param>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="password">The password, as its user will give it.</param>
    /// <param name="iterations">
    /// How many times it is hashed, from <see cref="MinIterations"/>, the default, to <see cref="MaxIterations"/>; anything else is an error of this one when it is
    /// to be set.
    /// </param>
    /// <param name="salt">What is hashed with it, for tests and credentials that exist elsewhere. Default: null, 32 random bytes.</param>
    public UserScramUpsertion(string user, ScramMechanism mechanism, string password, int iterations = MinIterations, byte[]? salt = null)
    {
        ArgumentNullException.ThrowIfNull(password);
        Credential = new(user, mechanism);
        Iterations = iterations;
        Salt = salt is null ? RandomNumberGenerator.GetBytes(SaltBytes) : [.. salt];
        HasPassword = password.Length > 0;
        if (Mistake is null)
            SaltedPassword = Hash(Encoding.UTF8.GetBytes(password), Salt, iterations, mechanism);
    }

    /// <summary>Whose it is, and for which mechanism.</summary>
    public UserScramCredential Credential { get; }

    /// <summary>How many times the password was hashed.</summary>
    public int Iterations { get; }

    internal byte[] Salt { get; }

    /// <summary>Empty where there is a mistake.</summary>
    internal byte[] SaltedPassword { get; } = [];

    /// <summary>Why this can be no credential; null where it can.</summary>
    internal string? Mistake => !HasPassword ? "its password is empty"
        : Salt.Length == 0 ? "its salt is empty"
        : Iterations is < MinIterations or > MaxIterations ? $"its {Iterations} iterations must be from {MinIterations} to {MaxIterations}"
        : null;

    bool HasPassword { get; }

    /// <summary>Reads as "SCRAM-SHA-256 of user 'alice', 4096 iterations".</summary>
    /// <returns>Whose it is, and nothing that is secret.</returns>
    public override string ToString() => $"{Credential}, {Iterations} iterations";

    static byte[] Hash(byte[] password, byte[] salt, int iterations, ScramMechanism mechanism)
    {
        var hash = mechanism == ScramMechanism.ScramSha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        try
        {
            return Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, hash, mechanism == ScramMechanism.ScramSha512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }
}
