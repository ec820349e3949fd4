using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.IncrementalAlterConfigsRequest;
using Response = NetKafka.Protocol.Messages.IncrementalAlterConfigsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>IncrementalAlterConfigs, every version, of every kind of resource. What a configuration that the fake does not know changes is nothing.</summary>
sealed class IncrementalAlterConfigsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => Respond(call, _ => (error, null));

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var changes = new ConfigChanges(call.Cluster, call.Broker, call.Request.ValidateOnly);
        call.Answer(Respond(call, resource =>
            call.Request.Resources.Count(other => other.ResourceType == resource.ResourceType && other.ResourceName == resource.ResourceName) > 1
                ? (ErrorCode.InvalidRequest, "Each resource must appear at most once.")
                : changes.Make(resource.ResourceType, resource.ResourceName, resource.Configs)));
    }

    static Response Respond(Call<Request, Response> call, Func<Request.AlterConfigsResource, (ErrorCode Error, string? Message)> alter) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Responses = [.. call.Request.Resources.Select(resource =>
        {
            var (error, message) = alter(resource);
            return new Response.AlterConfigsResourceResponse
            {
                ErrorCode = error, ErrorMessage = message, ResourceType = resource.ResourceType, ResourceName = resource.ResourceName,
            };
        })],
    };
}
