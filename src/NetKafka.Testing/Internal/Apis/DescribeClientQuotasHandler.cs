using NetKafka.Protocol;
using NetKafka.Testing.Internal.Security;
using Request = NetKafka.Protocol.Messages.DescribeClientQuotasRequest;
using Response = NetKafka.Protocol.Messages.DescribeClientQuotasResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeClientQuotas, every version.</summary>
sealed class DescribeClientQuotasHandler : ApiHandler<Request, Response>
{
    const sbyte Exact = 0;
    const sbyte Default = 1;
    const sbyte Specified = 2;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, Entries = null };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        if (Mistake(call.Request.Components) is var (error, message))
        {
            var refused = Fail(call, error);
            refused.ErrorMessage = message;
            call.Answer(refused);
            return;
        }

        call.Answer(new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            Entries = [.. call.Cluster.Quotas.All.Where(entry => Matches(call.Request, entry.Entity)).Select(entry => new Response.EntryData
            {
                Entity = [.. entry.Entity.Select(part => new Response.EntityData { EntityType = part.Key, EntityName = part.Value })],
                Values = [.. entry.Quotas.Select(quota => new Response.ValueData { Key = quota.Key, Value = quota.Value })],
            })],
        });
    }

    static bool Matches(Request request, IReadOnlyDictionary<string, string?> entity) =>
        (!request.Strict || entity.Count == request.Components.Length)
        && request.Components.All(component => entity.TryGetValue(component.EntityType, out var name)
            && (component.MatchType == Specified || name == component.Match));

    static (ErrorCode Error, string Message)? Mistake(Request.ComponentData[] components)
    {
        var types = new List<string>();
        foreach (var component in components)
        {
            if (component.EntityType.Length == 0)
                return (ErrorCode.InvalidRequest, "Invalid empty entity type.");
            if (types.Contains(component.EntityType))
                return (ErrorCode.InvalidRequest, $"Entity type {component.EntityType} cannot appear more than once in the filter.");
            if (component.EntityType is not (QuotaStore.User or QuotaStore.ClientId or QuotaStore.Ip))
                return (ErrorCode.UnsupportedVersion, $"Unsupported entity type {component.EntityType}");
            if (component.MatchType is not (Exact or Default or Specified))
                return (ErrorCode.InvalidRequest, $"Unknown match type {component.MatchType}");
            if ((component.MatchType == Exact) != (component.Match is not null))
                return (ErrorCode.InvalidRequest, $"Match type {component.MatchType} does not go with the match string that is given.");
            types.Add(component.EntityType);
        }

        return types.Contains(QuotaStore.Ip) && types.Count > 1
            ? (ErrorCode.InvalidRequest, "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.")
            : null;
    }
}
