using System.Security.Cryptography;
using System.Text;
using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Security;

/// <summary>The delegation tokens of the cluster, in the order in which they were created. Nobody logs in with them here. Times are of the wall clock.</summary>
sealed class TokenStore(ClusterSettings settings)
{
    static readonly byte[] SecretKey = "delegation.token.secret.key"u8.ToArray();

    readonly List<Token> tokens = [];
    long lastSweepMs = long.MinValue;

    internal Token Create(string id, Principal owner, Principal requester, IReadOnlyList<Principal> renewers, long lifetimeMs, long nowMs)
    {
        var maxMs = nowMs + (lifetimeMs > 0 ? Math.Min(lifetimeMs, settings.TokenMaxLifetimeMs) : settings.TokenMaxLifetimeMs);
        var token = new Token(id, HMACSHA512.HashData(SecretKey, Encoding.UTF8.GetBytes(id)), owner, requester, renewers, nowMs, maxMs)
        {
            ExpiryMs = Math.Min(maxMs, nowMs + settings.TokenExpiryTimeMs),
        };
        tokens.Add(token);
        return token;
    }

    internal Token[] All(long nowMs)
    {
        Sweep(nowMs);
        return [.. tokens];
    }

    internal (ErrorCode Error, long ExpiryMs) Renew(byte[] hmac, Principal renewer, long periodMs, long nowMs)
    {
        if (Find(hmac, nowMs) is not { } token)
            return (ErrorCode.DelegationTokenNotFound, -1);
        if (token.IsExpired(nowMs))
            return (ErrorCode.DelegationTokenExpired, -1);
        if (!token.MayBeRenewedBy(renewer))
            return (ErrorCode.DelegationTokenOwnerMismatch, -1);
        var period = periodMs > 0 ? Math.Min(periodMs, settings.TokenExpiryTimeMs) : settings.TokenExpiryTimeMs;
        token.ExpiryMs = Math.Min(token.MaxMs, nowMs + period);
        return (ErrorCode.None, token.ExpiryMs);
    }

    internal (ErrorCode Error, long ExpiryMs) Expire(byte[] hmac, Principal renewer, long periodMs, long nowMs)
    {
        if (Find(hmac, nowMs) is not { } token)
            return (ErrorCode.DelegationTokenNotFound, -1);
        if (!token.MayBeRenewedBy(renewer))
            return (ErrorCode.DelegationTokenOwnerMismatch, -1);
        if (periodMs < 0)
        {
            tokens.Remove(token);
            return (ErrorCode.None, nowMs);
        }

        if (token.IsExpired(nowMs))
            return (ErrorCode.DelegationTokenExpired, -1);
        token.ExpiryMs = periodMs > token.MaxMs - nowMs ? token.MaxMs : nowMs + periodMs;
        return (ErrorCode.None, token.ExpiryMs);
    }

    Token? Find(byte[] hmac, long nowMs)
    {
        Sweep(nowMs);
        return tokens.Find(token => token.Hmac.AsSpan().SequenceEqual(hmac));
    }

    /// <summary>Every delegation.token.expiry.check.interval.ms a controller removes what has expired: until then it is told of.</summary>
    void Sweep(long nowMs)
    {
        var sweepMs = nowMs - (nowMs % settings.TokenSweepIntervalMs);
        if (sweepMs == lastSweepMs)
            return;
        lastSweepMs = sweepMs;
        tokens.RemoveAll(token => token.IsExpired(sweepMs));
    }
}
