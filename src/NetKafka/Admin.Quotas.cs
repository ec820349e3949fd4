using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Quotas of clients.</content>
public sealed partial class Admin
{
    const string QuotasNotDescribed = "The client quotas could not be described";

    /// <summary>Describes the client quotas of the entities that have all of some parts (KIP-546; Kafka 2.6 and later).</summary>
    /// <param name="components">What parts an entity must have; null or none for all entities. Each part may stand there once, and IP addresses alone.</param>
    /// <param name="strict">Whether entities that have other parts too are left out. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each entity its quotas by their names (<see cref="ClientQuotaNames"/>): those that are set for it, not those that it falls back on.</returns>
    /// <exception cref="KafkaException">The components cannot be, or no broker could be asked.</exception>
    /// <exception cref="KafkaAuthorizationException">This client may not describe the cluster's configurations.</exception>
    public ValueTask<IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>>> DescribeClientQuotasAsync(
        IEnumerable<ClientQuotaFilterComponent>? components = null, bool strict = false, CancellationToken cancellation = default)
    {
        DescribeClientQuotasRequest.ComponentData[] wanted = [.. (components ?? []).Select(static component => new DescribeClientQuotasRequest.ComponentData
        {
            EntityType = component.EntityType, MatchType = (sbyte)component.Way, Match = component.Name,
        })];
        return Start<DescribeClientQuotasRequest, DescribeClientQuotasResponse, IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>>>(
            cancellation,
            call => new(call, _machine, _settings)
            {
                What = QuotasNotDescribed,
                Target = RequestTarget.AnyBroker,
                Request = _ => new DescribeClientQuotasRequest { Components = wanted, Strict = strict },
                Take = static answer => Step<IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>>>.From(
                    answer.ErrorCode, answer.ErrorMessage, QuotasNotDescribed, () => (answer.Entries ?? []).ToDictionary(
                        static entry => new ClientQuotaEntity(entry.Entity.Select(static part => KeyValuePair.Create(part.EntityType, part.EntityName))),
                        static IReadOnlyDictionary<string, double> (entry) =>
                            entry.Values.ToDictionary(static value => value.Key, static value => value.Value, StringComparer.Ordinal))),
            });
    }

    /// <summary>Sets and removes client quotas (KIP-546; Kafka 2.6 and later).</summary>
    /// <param name="alterations">
    /// For each entity its quotas by their names (<see cref="ClientQuotaNames"/>): a value above 0 sets one, null removes it, and all others stay as they are. None
    /// succeeds without a request. The quotas of one entity are changed together or not at all.
    /// </param>
    /// <param name="validateOnly">Only asks whether they could be changed. Default: false.</param>
    /// <param name="cancellation">Ends the wait; the quotas may be changed all the same.</param>
    /// <returns>The outcome for each entity, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<ClientQuotaEntity>>> AlterClientQuotasAsync(
        IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>> alterations, bool validateOnly = false, CancellationToken cancellation = default)
    {
        var items = Items<ClientQuotaEntity, bool>(alterations.Keys, static entity => $"The quotas of {entity} could not be changed");
        FailMistakes(items, entity => MistakeOf(entity, alterations[entity]));
        return Outcomes(AskEach<ClientQuotaEntity, bool, AlterClientQuotasRequest, AlterClientQuotasResponse>(
            items, ToAnyBroker<ClientQuotaEntity>(),
            (_, entities) => new AlterClientQuotasRequest
            {
                Entries = [.. entities.Select(entity => new AlterClientQuotasRequest.EntryData
                {
                    Entity = [.. entity.Parts.Select(static part => new AlterClientQuotasRequest.EntityData { EntityType = part.Key, EntityName = part.Value })],
                    Ops = [.. alterations[entity].Select(static quota => new AlterClientQuotasRequest.OpData
                    {
                        Key = quota.Key, Value = quota.Value ?? 0, Remove = quota.Value is null,
                    })],
                })],
                ValidateOnly = validateOnly,
            },
            (answer, _, _) =>
            {
                foreach (var row in answer.Entries)
                {
                    var entity = new ClientQuotaEntity(row.Entity.Select(static part => KeyValuePair.Create(part.EntityType, part.EntityName)));
                    items.Take(entity, row.ErrorCode, row.ErrorMessage, static () => true);
                }
            },
            cancellation));
    }

    static string? MistakeOf(ClientQuotaEntity entity, IReadOnlyDictionary<string, double?> quotas)
    {
        if (entity.Parts.Count == 0)
            return "an entity is a user, a client id, both, or an IP address";
        if (entity.Parts.FirstOrDefault(static part => part.Value is "") is { Key: { } empty })
            return $"the name of its {empty} is empty; null means the default";
        var wrong = quotas.FirstOrDefault(static quota => quota.Value is { } value && !(value > 0 && double.IsFinite(value)));
        return wrong.Key is null ? null : $"{wrong.Key} must be above 0; null removes it";
    }
}
