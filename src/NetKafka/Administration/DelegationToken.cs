namespace NetKafka.Administration;

/// <summary>
/// A delegation token (KIP-48): whoever has its HMAC can log in as its owner until it expires, by SCRAM with the token's id as the user and
/// <see cref="Password"/> as the password.
/// </summary>
public sealed class DelegationToken
{
    internal DelegationToken(string tokenId, byte[] hmac) => (TokenId, Hmac) = (tokenId, hmac);

    /// <summary>Its id.</summary>
    public string TokenId { get; }

    /// <summary>The secret, which also names it when it is renewed or expired.</summary>
    public ReadOnlyMemory<byte> Hmac { get; }

    /// <summary>The secret as a password: <see cref="Hmac"/> in Base64.</summary>
    public string Password => Convert.ToBase64String(Hmac.Span);

    /// <summary>As whom it logs in.</summary>
    public required KafkaPrincipal Owner { get; init; }

    /// <summary>Who asked for it (KIP-373); null where the broker is too old to tell.</summary>
    public KafkaPrincipal? Requester { get; init; }

    /// <summary>Who may renew it and let it expire, beside its owner.</summary>
    public required IReadOnlyList<KafkaPrincipal> Renewers { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset IssueTime { get; init; }

    /// <summary>When it expires, unless it is renewed before.</summary>
    public required DateTimeOffset ExpiryTime { get; init; }

    /// <summary>When it expires for good: renewing it goes no further.</summary>
    public required DateTimeOffset MaxTime { get; init; }

    /// <summary>Reads as "token x of User:alice, until 2026-01-31T12:00:00.0000000+00:00".</summary>
    /// <returns>What is no secret.</returns>
    public override string ToString() => $"token {TokenId} of {Owner}, until {ExpiryTime:O}";
}
