namespace NetKafka.Testing.Internal.Security;

/// <summary>A delegation token. Times are of the wall clock.</summary>
sealed record Token(string Id, byte[] Hmac, Principal Owner, Principal Requester, IReadOnlyList<Principal> Renewers, long IssuedMs, long MaxMs)
{
    internal long ExpiryMs { get; set; }

    internal bool IsExpired(long wallClockMs) => MaxMs < wallClockMs || ExpiryMs < wallClockMs;

    internal bool MayBeRenewedBy(Principal principal) => Owner == principal || Renewers.Contains(principal);

    internal bool Concerns(Principal principal) => MayBeRenewedBy(principal) || Requester == principal;
}
