using NetKafka.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Delegation tokens as the wire has them.</summary>
static class TokenMessages
{
    static readonly long LastMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <param name="answer">The broker's answer, which does not tell the renewers.</param>
    /// <param name="renewers">Those that were asked for.</param>
    public static DelegationToken TokenOf(CreateDelegationTokenResponse answer, IReadOnlyList<KafkaPrincipal> renewers) => new(answer.TokenId, answer.Hmac)
    {
        Owner = new(answer.PrincipalType, answer.PrincipalName),
        Requester = RequesterOf(answer.TokenRequesterPrincipalType, answer.TokenRequesterPrincipalName),
        Renewers = renewers,
        IssueTime = TimeOf(answer.IssueTimestampMs),
        ExpiryTime = TimeOf(answer.ExpiryTimestampMs),
        MaxTime = TimeOf(answer.MaxTimestampMs),
    };

    public static DelegationToken TokenOf(DescribeDelegationTokenResponse.DescribedDelegationToken row) => new(row.TokenId, row.Hmac)
    {
        Owner = new(row.PrincipalType, row.PrincipalName),
        Requester = RequesterOf(row.TokenRequesterPrincipalType, row.TokenRequesterPrincipalName),
        Renewers = [.. row.Renewers.Select(static renewer => new KafkaPrincipal(renewer.PrincipalType, renewer.PrincipalName))],
        IssueTime = TimeOf(row.IssueTimestamp),
        ExpiryTime = TimeOf(row.ExpiryTimestamp),
        MaxTime = TimeOf(row.MaxTimestamp),
    };

    /// <summary>A time of the wire, which may be later than any that there is here.</summary>
    public static DateTimeOffset TimeOf(long ms) => ms >= LastMs ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(ms);

    /// <summary>Versions before 3 do not tell it.</summary>
    static KafkaPrincipal? RequesterOf(string type, string name) => type.Length == 0 ? null : new(type, name);
}
