using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>RenewDelegationToken, every version.</summary>
sealed class RenewDelegationTokenHandler : ApiHandler<RenewDelegationTokenRequest, RenewDelegationTokenResponse>
{
    internal override RenewDelegationTokenResponse Fail(Call<RenewDelegationTokenRequest, RenewDelegationTokenResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ExpiryTimestampMs = -1 };

    protected override void Handle(Call<RenewDelegationTokenRequest, RenewDelegationTokenResponse> call, long nowMs)
    {
        var (error, expiryMs) = (TokenChecks.Check(call), -1L);
        if (error == ErrorCode.None)
        {
            (error, expiryMs) = call.Cluster.Tokens.Renew(
                call.Request.Hmac, TokenChecks.PrincipalOf(call), call.Request.RenewPeriodMs, call.Cluster.WallClock(nowMs));
        }

        call.Answer(new RenewDelegationTokenResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ExpiryTimestampMs = expiryMs });
    }
}
