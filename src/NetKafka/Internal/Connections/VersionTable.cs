using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Connections;

/// <summary>The versions that one broker speaks, as its ApiVersions answer said (KIP-35).</summary>
sealed class VersionTable
{
    // Far above the keys that exist; a row beyond it is ignored like every row that makes no sense.
    const int MaxApiKey = 1024;

    readonly Dictionary<ApiKey, (short Lowest, short Highest)> _ranges = [];

    public VersionTable(ApiVersionsResponse response)
    {
        foreach (var row in response.ApiKeys)
        {
            if (row.ApiKey is >= 0 and <= MaxApiKey && row.MinVersion >= 0 && row.MinVersion <= row.MaxVersion)
                _ranges[(ApiKey)row.ApiKey] = (row.MinVersion, row.MaxVersion);
        }
        FinalizedEpoch = response.FinalizedFeaturesEpoch;
        foreach (var feature in response.FinalizedFeatures)
            FinalizedFeatures[feature.Name] = feature.MaxVersionLevel;
    }

    /// <summary>Grows with each change of the finalized features; −1 where the broker knows of none.</summary>
    public long FinalizedEpoch { get; }

    /// <summary>The finalized features and their levels (KIP-584).</summary>
    public SortedDictionary<string, short> FinalizedFeatures { get; } = new(StringComparer.Ordinal);

    /// <summary>The newest version within [<paramref name="lowest"/>, <paramref name="highest"/>] that the broker speaks, or −1.</summary>
    public short Newest(ApiKey api, short lowest, short highest)
    {
        if (!_ranges.TryGetValue(api, out var range))
            return -1;
        var version = Math.Min(highest, range.Highest);
        return version >= lowest && version >= range.Lowest ? version : (short)-1;
    }

    /// <summary>Whether the broker speaks nothing as new as that.</summary>
    public bool IsTooOldFor(ApiKey api, short lowest) => !_ranges.TryGetValue(api, out var range) || range.Highest < lowest;

    /// <summary>What the broker speaks, for messages: "3 to 11", or "none".</summary>
    public string Describe(ApiKey api) =>
        _ranges.TryGetValue(api, out var range) ? $"{range.Lowest} to {range.Highest}" : "none";
}
