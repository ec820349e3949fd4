using NetKafka.Protocol;
using Request = NetKafka.Protocol.Messages.DeleteShareGroupOffsetsRequest;
using Response = NetKafka.Protocol.Messages.DeleteShareGroupOffsetsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DeleteShareGroupOffsets, every version: forgets what is persisted of topics, while nobody is in the group.</summary>
sealed class DeleteShareGroupOffsetsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var error = ShareGroupChecks.Check(call, call.Request.GroupId);
        var group = call.Cluster.Groups.FindShare(call.Request.GroupId);
        if (error == ErrorCode.None)
            error = ShareGroupChecks.CheckEmpty(group);
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        call.Answer(new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            Responses = [.. call.Request.Topics.Select(asked =>
            {
                var row = new Response.DeleteShareGroupOffsetsResponseTopic { TopicName = asked.TopicName };
                if (call.Cluster.FindTopic(asked.TopicName) is not { } topic || !group!.Forget(topic.Id))
                {
                    row.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    return row;
                }

                row.TopicId = topic.Id;
                call.Cluster.Shares.Forget(group.GroupId, topic.Id);
                return row;
            })],
        });
    }
}
