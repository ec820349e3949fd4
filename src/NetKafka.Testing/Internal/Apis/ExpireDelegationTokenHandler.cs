using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ExpireDelegationToken, every version.</summary>
sealed class ExpireDelegationTokenHandler : ApiHandler<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>
{
    internal override ExpireDelegationTokenResponse Fail(Call<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ExpiryTimestampMs = -1 };

    protected override void Handle(Call<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse> call, long nowMs)
    {
        var (error, expiryMs) = (TokenChecks.Check(call), -1L);
        if (error == ErrorCode.None)
        {
            (error, expiryMs) = call.Cluster.Tokens.Expire(
                call.Request.Hmac, TokenChecks.PrincipalOf(call), call.Request.ExpiryTimePeriodMs, call.Cluster.WallClock(nowMs));
        }

        call.Answer(new ExpireDelegationTokenResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ExpiryTimestampMs = expiryMs });
    }
}
