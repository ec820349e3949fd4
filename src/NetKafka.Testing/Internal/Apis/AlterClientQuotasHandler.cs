using NetKafka.Protocol;
using NetKafka.Testing.Internal.Security;
using Request = NetKafka.Protocol.Messages.AlterClientQuotasRequest;
using Response = NetKafka.Protocol.Messages.AlterClientQuotasResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>AlterClientQuotas, every version.</summary>
sealed class AlterClientQuotasHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) =>
        Respond(call, call.Request.Entries.Select(entry => (entry, error, (string?)null)));

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        // What stands twice is told of once, and by its error.
        var results = new List<(Request.EntryData Entry, ErrorCode Error, string? Message)>();
        foreach (var entry in call.Request.Entries)
        {
            var earlier = results.FindIndex(result => IsSame(result.Entry.Entity, entry.Entity));
            if (earlier >= 0)
                results[earlier] = (entry, ErrorCode.InvalidRequest, "Ignoring duplicate entity");
            else if (Mistake(entry) is { } mistake)
                results.Add((entry, ErrorCode.InvalidRequest, mistake));
            else
            {
                if (!call.Request.ValidateOnly)
                    call.Cluster.Quotas.Alter(PartsOf(entry.Entity), entry.Ops.Select(op => (op.Key, op.Remove ? (double?)null : op.Value)));
                results.Add((entry, ErrorCode.None, null));
            }
        }

        call.Answer(Respond(call, results));
    }

    static string? Mistake(Request.EntryData entry)
    {
        if (QuotaStore.Mistake([.. entry.Entity.Select(part => (part.EntityType, part.EntityName))]) is { } mistake)
            return mistake;
        if (entry.Ops.GroupBy(op => op.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return $"Duplicate quota key {twice.Key} not updating quota for this entity";
        var isOfAddress = entry.Entity.Any(part => part.EntityType == QuotaStore.Ip);
        return entry.Ops.Where(op => !op.Remove).Select(op => QuotaStore.Mistake(isOfAddress, op.Key, op.Value)).FirstOrDefault(found => found is not null);
    }

    static bool IsSame(Request.EntityData[] one, Request.EntityData[] other) =>
        PartsOf(one).OrderBy(part => part.Key, StringComparer.Ordinal).SequenceEqual(PartsOf(other).OrderBy(part => part.Key, StringComparer.Ordinal));

    static Dictionary<string, string?> PartsOf(Request.EntityData[] entity)
    {
        var parts = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var part in entity)
            parts[part.EntityType] = part.EntityName;
        return parts;
    }

    static Response Respond(Call<Request, Response> call, IEnumerable<(Request.EntryData Entry, ErrorCode Error, string? Message)> results) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Entries = [.. results.Select(result => new Response.EntryData
        {
            ErrorCode = result.Error,
            ErrorMessage = result.Message,
            Entity = [.. result.Entry.Entity.Select(part => new Response.EntityData { EntityType = part.EntityType, EntityName = part.EntityName })],
        })],
    };
}
