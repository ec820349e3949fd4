using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>UnregisterController of Kafka 4.4 (KIP-1312), every version, asked of any broker. A controller that runs registers anew at once.</summary>
sealed class UnregisterControllerHandler : ApiHandler<UnregisterControllerRequest, UnregisterControllerResponse>
{
    internal override UnregisterControllerResponse Fail(Call<UnregisterControllerRequest, UnregisterControllerResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<UnregisterControllerRequest, UnregisterControllerResponse> call, long nowMs)
    {
        var (error, message) = call.Cluster.Quorum.Unregister(call.Request.ControllerId);
        call.Answer(new UnregisterControllerResponse { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = message });
    }
}
