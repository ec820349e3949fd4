using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.AddRaftVoterRequest;
using Response = NetKafka.Protocol.Messages.AddRaftVoterResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>AddRaftVoter, every version, asked of any broker. Left out: the timeout.</summary>
sealed class AddRaftVoterHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = null };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var request = call.Request;
        var (error, message) = request.ClusterId is { } clusterId && clusterId != call.Cluster.Settings.ClusterId
            ? (ErrorCode.InconsistentClusterId, null)
            : call.Cluster.Quorum.Add(
                request.VoterId, request.VoterDirectoryId, request.Listeners.Any(static listener => listener.Name == ControllerQuorum.Listener));
        call.Answer(new Response { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = message });
    }
}
