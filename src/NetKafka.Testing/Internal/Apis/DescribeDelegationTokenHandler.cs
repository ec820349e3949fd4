using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Security;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeDelegationToken, every version. Everybody may see the tokens of everybody: nothing is enforced.</summary>
sealed class DescribeDelegationTokenHandler : ApiHandler<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>
{
    const short FirstVersionWithRequester = 3;

    internal override DescribeDelegationTokenResponse Fail(Call<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse> call, long nowMs)
    {
        var error = TokenChecks.Check(call);
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        Principal[]? owners = call.Request.Owners is { } asked ? [.. asked.Select(owner => new Principal(owner.PrincipalType, owner.PrincipalName))] : null;
        var found = call.Cluster.Tokens.All(call.Cluster.WallClock(nowMs)).Where(token => owners is null || owners.Any(token.Concerns));
        call.Answer(new DescribeDelegationTokenResponse
        {
            ThrottleTimeMs = call.ThrottleMs, Tokens = [.. found.Select(token => RowOf(token, call.Version >= FirstVersionWithRequester))],
        });
    }

    static DescribeDelegationTokenResponse.DescribedDelegationToken RowOf(Token token, bool tellsRequester) => new()
    {
        PrincipalType = token.Owner.Type,
        PrincipalName = token.Owner.Name,
        TokenRequesterPrincipalType = tellsRequester ? token.Requester.Type : "",
        TokenRequesterPrincipalName = tellsRequester ? token.Requester.Name : "",
        IssueTimestamp = token.IssuedMs,
        ExpiryTimestamp = token.ExpiryMs,
        MaxTimestamp = token.MaxMs,
        TokenId = token.Id,
        Hmac = token.Hmac,
        Renewers = [.. token.Renewers.Select(renewer => new DescribeDelegationTokenResponse.DescribedDelegationTokenRenewer
        {
            PrincipalType = renewer.Type, PrincipalName = renewer.Name,
        })],
    };
}
