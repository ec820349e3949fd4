using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>CreatePartitions, every version. Left out: the timeout and quotas.</summary>
sealed class CreatePartitionsHandler : ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    internal override CreatePartitionsResponse Fail(
        Call<CreatePartitionsRequest, CreatePartitionsResponse> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Results = [.. call.Request.Topics.Select(topic => new CreatePartitionsResponse.CreatePartitionsTopicResult
        {
            Name = topic.Name, ErrorCode = error,
        })],
    };

    protected override void Handle(Call<CreatePartitionsRequest, CreatePartitionsResponse> call, long nowMs) =>
        call.Answer(new CreatePartitionsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Results = [.. call.Request.Topics.Select(topic =>
            {
                var assignments = topic.Assignments?.Select(assignment => assignment.BrokerIds).ToArray();
                var result = call.Cluster.AddPartitions(topic.Name, topic.Count, assignments, call.Request.ValidateOnly);
                return new CreatePartitionsResponse.CreatePartitionsTopicResult
                {
                    Name = topic.Name, ErrorCode = result.Error, ErrorMessage = result.Message,
                };
            })],
        });
}
