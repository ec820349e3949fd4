using System.Globalization;

namespace NetKafka.Testing.Internal.Cluster;

/// <content>What brokers are set to while they run.</content>
sealed partial class ClusterState
{
    readonly Dictionary<string, string> staticConfigs = [];

    /// <summary>The value that a broker's properties file gives, whatever it was set to since.</summary>
    internal string StaticValue(BrokerConfig config) => staticConfigs.GetValueOrDefault(config.Name) ?? config.Default(Settings);

    /// <summary>Sets a broker, or with an empty name all of them. Only what all are set to has an effect here.</summary>
    internal void SetBrokerConfigs(string name, IReadOnlyDictionary<string, string> values)
    {
        Configs.Replace(DynamicConfigs.BrokerKind, name, values);
        if (name.Length > 0)
            return;
        foreach (var config in BrokerConfig.All)
        {
            if (config.Apply is not { } apply)
                continue;
            staticConfigs.TryAdd(config.Name, config.Default(Settings));
            apply(Settings, int.Parse(values.GetValueOrDefault(config.Name) ?? staticConfigs[config.Name], CultureInfo.InvariantCulture));
        }
    }
}
