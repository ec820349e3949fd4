using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Features of the cluster.</content>
public sealed partial class Admin
{
    const short FirstApiVersionsWithFeatures = 3;

    // Before it an update is made or refused, and may go down or not.
    const short FirstFeatureUpdateWithType = 1;

    /// <summary>Describes the features of the cluster (KIP-584; Kafka 2.7 and later).</summary>
    /// <param name="nodeId">The node that is asked, since nodes may differ in what they can do; null for any.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The features that are in force, and those that the node that answered can do.</returns>
    /// <exception cref="KafkaException">The node could not be asked, or it is too old to tell.</exception>
    public ValueTask<ClusterFeatures> DescribeFeaturesAsync(int? nodeId = null, CancellationToken cancellation = default)
    {
        if (nodeId is { } node)
            ArgumentOutOfRangeException.ThrowIfNegative(node, nameof(nodeId));
        const string What = "The features could not be described";
        return Start<ApiVersionsRequest, ApiVersionsResponse, ClusterFeatures>(cancellation, call => new(call, _machine, _settings)
        {
            What = What,
            Target = nodeId is { } node ? RequestTarget.Broker(node) : RequestTarget.AnyBroker,
            MinVersion = FirstApiVersionsWithFeatures,
            Request = VersionsRequest.BodyOf,
            Take = answer => Step<ClusterFeatures>.From(answer.ErrorCode, null, What, () => new ClusterFeatures(
                answer.FinalizedFeaturesEpoch < 0 ? null : answer.FinalizedFeaturesEpoch,
                Levels(answer.FinalizedFeatures.Select(static row => (row.Name, row.MinVersionLevel, row.MaxVersionLevel))),
                Levels(answer.SupportedFeatures.Select(static row => (row.Name, row.MinVersion, row.MaxVersion))))),
        });
    }

    /// <summary>Changes the levels of features (KIP-584, KIP-778). All are changed together or none.</summary>
    /// <param name="updates">The level of each feature from now on; none succeeds without a request.</param>
    /// <param name="validateOnly">Only asks whether they could be changed (UpdateFeatures 1). Default: false.</param>
    /// <param name="cancellation">Ends the wait; they may be changed all the same.</param>
    /// <returns>
    /// The outcome for each feature, in the order given. A level that cannot be is <see cref="ErrorCode.InvalidUpdateVersion"/>. Brokers that refuse the
    /// whole say no more than that (UpdateFeatures 2): then every feature has that error, whose message names the one that is to blame.
    /// </returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> UpdateFeaturesAsync(
        IReadOnlyDictionary<string, FeatureUpdate> updates, bool validateOnly = false, CancellationToken cancellation = default)
    {
        var items = Items<string, bool>(updates.Keys, static name => $"Feature '{name}' could not be updated", StringComparer.Ordinal);
        var minVersion = validateOnly || updates.Values.Any(static update => update.UpgradeType == FeatureUpgradeType.UnsafeDowngrade)
            ? FirstFeatureUpdateWithType : UpdateFeaturesRequest.LowestVersion;
        return Outcomes(AskEach<string, bool, UpdateFeaturesRequest, UpdateFeaturesResponse>(
            items, ToController<string>(),
            (version, names) => new UpdateFeaturesRequest
            {
                FeatureUpdates = [.. names.Select(name => ToRequest(version, name, updates[name]))], TimeoutMs = TimeoutMs, ValidateOnly = validateOnly,
            },
            (answer, asked, _) =>
            {
                foreach (var row in answer.Results)
                    items.Take(row.Feature, row.ErrorCode, row.ErrorMessage, static () => true);
                foreach (var name in asked)
                    items.Take(name, answer.ErrorCode, answer.ErrorMessage, static () => true);
            },
            cancellation, minVersion));
    }

    static UpdateFeaturesRequest.FeatureUpdateKey ToRequest(short version, string name, FeatureUpdate update) => version >= FirstFeatureUpdateWithType
        ? new() { Feature = name, MaxVersionLevel = update.MaxVersionLevel, UpgradeType = (sbyte)update.UpgradeType }
        : new() { Feature = name, MaxVersionLevel = update.MaxVersionLevel, AllowDowngrade = update.UpgradeType != FeatureUpgradeType.Upgrade };

    static SortedDictionary<string, FeatureLevels> Levels(IEnumerable<(string Name, short Min, short Max)> rows)
    {
        var levels = new SortedDictionary<string, FeatureLevels>(StringComparer.Ordinal);
        foreach (var (name, min, max) in rows)
            levels[name] = new FeatureLevels(min, max);
        return levels;
    }
}
