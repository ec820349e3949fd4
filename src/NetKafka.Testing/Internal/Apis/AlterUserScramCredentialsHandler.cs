using NetKafka.Protocol;
using Request = NetKafka.Protocol.Messages.AlterUserScramCredentialsRequest;
using Response = NetKafka.Protocol.Messages.AlterUserScramCredentialsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>AlterUserScramCredentials, every version: at most one change of each user, of whatever mechanism.</summary>
sealed class AlterUserScramCredentialsHandler : ApiHandler<Request, Response>
{
    const sbyte Sha256 = 1;
    const sbyte Sha512 = 2;
    const int MinIterations = 4_096;
    const int MaxIterations = 16_384;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => Respond(call, (_, _) => (error, null));

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(Respond(call, (deletions, upsertions) =>
    {
        if (deletions.Length + upsertions.Length > 1)
            return (ErrorCode.DuplicateResource, "A user credential cannot be altered twice in the same request");
        var (name, mechanism) = deletions.Length == 1 ? (deletions[0].Name, deletions[0].Mechanism) : (upsertions[0].Name, upsertions[0].Mechanism);
        if (name.Length == 0)
            return (ErrorCode.UnacceptableCredential, "Username must not be empty");
        if (mechanism is not (Sha256 or Sha512))
            return (ErrorCode.UnsupportedSaslMechanism, "Unknown SCRAM mechanism");
        return deletions.Length == 1 ? Delete(call, deletions[0]) : Set(call, upsertions[0]);
    }));

    static (ErrorCode Error, string? Message) Delete(Call<Request, Response> call, Request.ScramCredentialDeletion deletion)
    {
        if (call.Cluster.Scram.Find(deletion.Name)?.ContainsKey(deletion.Mechanism) is not true)
            return (ErrorCode.ResourceNotFound, "Attempt to delete a user credential that does not exist");
        call.Cluster.Scram.Delete(deletion.Name, deletion.Mechanism);
        return (ErrorCode.None, null);
    }

    static (ErrorCode Error, string? Message) Set(Call<Request, Response> call, Request.ScramCredentialUpsertion upsertion)
    {
        if (upsertion.Iterations < MinIterations)
            return (ErrorCode.UnacceptableCredential, "Too few iterations");
        if (upsertion.Iterations > MaxIterations)
            return (ErrorCode.UnacceptableCredential, "Too many iterations");
        call.Cluster.Scram.Set(upsertion.Name, upsertion.Mechanism, upsertion.Iterations);
        return (ErrorCode.None, null);
    }

    static Response Respond(
        Call<Request, Response> call, Func<Request.ScramCredentialDeletion[], Request.ScramCredentialUpsertion[], (ErrorCode Error, string? Message)> alter)
    {
        var request = call.Request;
        return new()
        {
            ThrottleTimeMs = call.ThrottleMs,
            Results = [.. request.Deletions.Select(deletion => deletion.Name).Concat(request.Upsertions.Select(upsertion => upsertion.Name)).Distinct().Select(user =>
            {
                var (error, message) = alter(
                    [.. request.Deletions.Where(deletion => deletion.Name == user)], [.. request.Upsertions.Where(upsertion => upsertion.Name == user)]);
                return new Response.AlterUserScramCredentialsResult { User = user, ErrorCode = error, ErrorMessage = message };
            })],
        };
    }
}
