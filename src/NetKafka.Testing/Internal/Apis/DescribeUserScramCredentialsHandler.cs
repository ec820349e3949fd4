using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeUserScramCredentials, every version.</summary>
sealed class DescribeUserScramCredentialsHandler : ApiHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>
{
    internal override DescribeUserScramCredentialsResponse Fail(
        Call<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> call, long nowMs)
    {
        string[] asked = call.Request.Users is { Length: > 0 } users ? [.. users.Select(user => user.Name)] : [.. call.Cluster.Scram.Users];
        call.Answer(new DescribeUserScramCredentialsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Results = [.. asked.Distinct().Select(user => Describe(user, asked.Count(other => other == user) > 1))],
        });

        DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult Describe(string user, bool standsTwice)
        {
            if (standsTwice)
            {
                return new()
                {
                    User = user,
                    ErrorCode = ErrorCode.DuplicateResource,
                    ErrorMessage = $"Cannot describe SCRAM credentials for the same user twice in a single request: {user}",
                };
            }

            return call.Cluster.Scram.Find(user) is not { } credentials
                ? new() { User = user, ErrorCode = ErrorCode.ResourceNotFound, ErrorMessage = $"Attempt to describe a user credential that does not exist: {user}" }
                : new()
                {
                    User = user,
                    CredentialInfos = [.. credentials.Select(credential => new DescribeUserScramCredentialsResponse.CredentialInfo
                    {
                        Mechanism = credential.Key, Iterations = credential.Value,
                    })],
                };
        }
    }
}
