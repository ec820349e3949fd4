using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DeleteTopics, every version, by name and from version 6 on by topic id. Left out: the timeout.</summary>
sealed class DeleteTopicsHandler : ApiHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    internal override DeleteTopicsResponse Fail(Call<DeleteTopicsRequest, DeleteTopicsResponse> call, ErrorCode error) =>
        Respond(call, (name, id) => Result(name, id, error));

    protected override void Handle(Call<DeleteTopicsRequest, DeleteTopicsResponse> call, long nowMs) =>
        call.Answer(Respond(call, (name, id) => Delete(call, name, id, nowMs)));

    static DeleteTopicsResponse Respond(
        Call<DeleteTopicsRequest, DeleteTopicsResponse> call,
        Func<string?, Guid, DeleteTopicsResponse.DeletableTopicResult> delete) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Responses = call.Version >= 6
            ? [.. call.Request.Topics.Select(topic => delete(topic.Name, topic.TopicId))]
            : [.. call.Request.TopicNames.Select(name => delete(name, Guid.Empty))],
    };

    static DeleteTopicsResponse.DeletableTopicResult Delete(
        Call<DeleteTopicsRequest, DeleteTopicsResponse> call, string? name, Guid id, long nowMs)
    {
        if (name is null == (id == Guid.Empty))
            return Result(name, id, ErrorCode.InvalidRequest);
        var topic = name is null ? call.Cluster.FindTopic(id) : call.Cluster.FindTopic(name);
        if (topic is null)
            return Result(name, id, name is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
        return Result(topic.Name, topic.Id, call.Cluster.DeleteTopic(topic.Name, nowMs));
    }

    static DeleteTopicsResponse.DeletableTopicResult Result(string? name, Guid id, ErrorCode error) =>
        new()
        {
            Name = name,
            TopicId = id,
            ErrorCode = error,
            ErrorMessage = error == ErrorCode.None ? null : $"The topic cannot be deleted: {error}.",
        };
}
