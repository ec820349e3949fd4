using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.IncrementalAlterConfigsRequest;
using Response = NetKafka.Protocol.Messages.IncrementalAlterConfigsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>IncrementalAlterConfigs, every version, of groups. Left out: other kinds of resources.</summary>
sealed class IncrementalAlterConfigsHandler : ApiHandler<Request, Response>
{
    const sbyte Set = 0;
    const sbyte Delete = 1;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => Respond(call, _ => (error, null));

    protected override void Handle(Call<Request, Response> call, long nowMs) =>
        call.Answer(Respond(call, resource => Alter(call.Cluster, resource, call.Request.ValidateOnly)));

    static (ErrorCode Error, string? Message) Alter(ClusterState cluster, Request.AlterConfigsResource resource, bool validateOnly)
    {
        if (resource.ResourceType != DescribeConfigsHandler.GroupKind)
            return (ErrorCode.InvalidRequest, $"Resource type {resource.ResourceType} is not altered here.");
        if (resource.ResourceName.Length == 0)
            return (ErrorCode.InvalidRequest, "Default group resources are not allowed.");
        foreach (var config in resource.Configs)
        {
            if (Mistake(config) is { } mistake)
                return mistake;
        }

        foreach (var config in resource.Configs)
        {
            if (validateOnly)
                continue;
            if (config.ConfigOperation == Set)
                cluster.GroupConfigs.Set(resource.ResourceName, config.Name, config.Value!);
            else
                cluster.GroupConfigs.Reset(resource.ResourceName, config.Name);
        }

        return (ErrorCode.None, null);
    }

    static (ErrorCode Error, string? Message)? Mistake(Request.AlterableConfig config)
    {
        if (config.ConfigOperation is not (Set or Delete))
            return (ErrorCode.InvalidConfig, $"Configuration {config.Name} is no list.");
        if (GroupConfigNames.Find(config.Name) is not { } known)
            return (ErrorCode.InvalidConfig, $"Unknown group config name: {config.Name}");
        if (config.ConfigOperation == Set && config.Value is null)
            return (ErrorCode.InvalidRequest, $"Null value not supported for : {config.Name}");
        return config.ConfigOperation == Delete || (known.IsReadable(config.Value!) && known.IsWithinBounds(config.Value!))
            ? null
            : (ErrorCode.InvalidConfig, $"Invalid value {config.Value} for configuration {config.Name}");
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
