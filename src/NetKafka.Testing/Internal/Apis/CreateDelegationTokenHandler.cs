using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Security;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>CreateDelegationToken, every version. Everybody may create tokens of everybody (KIP-373): nothing is enforced.</summary>
sealed class CreateDelegationTokenHandler : ApiHandler<CreateDelegationTokenRequest, CreateDelegationTokenResponse>
{
    const short FirstVersionWithRequester = 3;

    internal override CreateDelegationTokenResponse Fail(Call<CreateDelegationTokenRequest, CreateDelegationTokenResponse> call, ErrorCode error)
    {
        var response = Respond(call);
        (response.ErrorCode, response.IssueTimestampMs, response.ExpiryTimestampMs, response.MaxTimestampMs) = (error, -1, -1, -1);
        return response;
    }

    protected override void Handle(Call<CreateDelegationTokenRequest, CreateDelegationTokenResponse> call, long nowMs)
    {
        var error = TokenChecks.Check(call);
        Principal[] renewers = [.. call.Request.Renewers.Select(renewer => new Principal(renewer.PrincipalType, renewer.PrincipalName))];
        if (error != ErrorCode.DelegationTokenRequestNotAllowed && renewers.Any(renewer => renewer.Type != Principal.UserType))
            error = ErrorCode.InvalidPrincipalType;
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        var token = call.Cluster.Tokens.Create(
            $"{call.Cluster.NewId():N}", OwnerOf(call), TokenChecks.PrincipalOf(call), renewers, call.Request.MaxLifetimeMs, call.Cluster.WallClock(nowMs));
        var response = Respond(call);
        response.IssueTimestampMs = token.IssuedMs;
        response.ExpiryTimestampMs = token.ExpiryMs;
        response.MaxTimestampMs = token.MaxMs;
        response.TokenId = token.Id;
        response.Hmac = token.Hmac;
        call.Answer(response);
    }

    static Principal OwnerOf(Call<CreateDelegationTokenRequest, CreateDelegationTokenResponse> call) =>
        string.IsNullOrEmpty(call.Request.OwnerPrincipalName)
            ? TokenChecks.PrincipalOf(call)
            : new Principal(call.Request.OwnerPrincipalType ?? "", call.Request.OwnerPrincipalName);

    static CreateDelegationTokenResponse Respond(Call<CreateDelegationTokenRequest, CreateDelegationTokenResponse> call)
    {
        var (owner, requester) = (OwnerOf(call), TokenChecks.PrincipalOf(call));
        var tellsRequester = call.Version >= FirstVersionWithRequester;
        return new()
        {
            ThrottleTimeMs = call.ThrottleMs,
            PrincipalType = owner.Type,
            PrincipalName = owner.Name,
            TokenRequesterPrincipalType = tellsRequester ? requester.Type : "",
            TokenRequesterPrincipalName = tellsRequester ? requester.Name : "",
        };
    }
}
