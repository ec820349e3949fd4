using NetKafka.Protocol;
using NetKafka.Testing.Internal.Security;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>What requests about delegation tokens have in common.</summary>
static class TokenChecks
{
    internal static readonly Principal Anonymous = Principal.User("ANONYMOUS");

    internal static Principal PrincipalOf(Call call) => call.Connection.User is { } user ? Principal.User(user) : Anonymous;

    /// <summary>Clients without a name are refused first, then all where no secret key is set.</summary>
    internal static ErrorCode Check(Call call)
    {
        if (call.Connection.User is null)
            return ErrorCode.DelegationTokenRequestNotAllowed;
        return call.Cluster.Settings.HasTokens ? ErrorCode.None : ErrorCode.DelegationTokenAuthDisabled;
    }
}
