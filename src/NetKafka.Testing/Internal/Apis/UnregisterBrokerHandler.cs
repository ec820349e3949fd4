using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>UnregisterBroker, every version, asked of any broker.</summary>
sealed class UnregisterBrokerHandler : ApiHandler<UnregisterBrokerRequest, UnregisterBrokerResponse>
{
    internal override UnregisterBrokerResponse Fail(Call<UnregisterBrokerRequest, UnregisterBrokerResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = null };

    protected override void Handle(Call<UnregisterBrokerRequest, UnregisterBrokerResponse> call, long nowMs)
    {
        var (error, message) = call.Cluster.Unregister(call.Request.BrokerId, nowMs);
        call.Answer(new UnregisterBrokerResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = message });
    }
}
