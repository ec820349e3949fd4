using NetKafka.Protocol;
using Request = NetKafka.Protocol.Messages.RemoveRaftVoterRequest;
using Response = NetKafka.Protocol.Messages.RemoveRaftVoterResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>RemoveRaftVoter, every version, asked of any broker.</summary>
sealed class RemoveRaftVoterHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = null };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var request = call.Request;
        var (error, message) = request.ClusterId is { } clusterId && clusterId != call.Cluster.Settings.ClusterId
            ? (ErrorCode.InconsistentClusterId, null)
            : call.Cluster.Quorum.Remove(request.VoterId, request.VoterDirectoryId);
        call.Answer(new Response { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = message });
    }
}
