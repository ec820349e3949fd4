using System.Globalization;

namespace NetKafka.Administration;

/// <summary>A thing that has configurations.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">Its name: of a topic or a group as it stands, of a broker and its loggers the node id; empty for all brokers.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name)
{
    /// <summary>What all brokers have in common (the dynamic default).</summary>
    public static ConfigResource AllBrokers => new(ConfigResourceType.Broker, "");

    /// <summary>A topic.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The resource.</returns>
    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    /// <summary>A broker.</summary>
    /// <param name="nodeId">Its node id.</param>
    /// <returns>The resource.</returns>
    public static ConfigResource Broker(int nodeId) => new(ConfigResourceType.Broker, nodeId.ToString(CultureInfo.InvariantCulture));

    /// <summary>The loggers of a broker.</summary>
    /// <param name="nodeId">Its node id.</param>
    /// <returns>The resource.</returns>
    public static ConfigResource BrokerLogger(int nodeId) => new(ConfigResourceType.BrokerLogger, nodeId.ToString(CultureInfo.InvariantCulture));

    /// <summary>A subscription to client metrics (KIP-714).</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The resource.</returns>
    public static ConfigResource ClientMetrics(string name) => new(ConfigResourceType.ClientMetrics, name);

    /// <summary>A group.</summary>
    /// <param name="groupId">Its id.</param>
    /// <returns>The resource.</returns>
    public static ConfigResource Group(string groupId) => new(ConfigResourceType.Group, groupId);

    /// <summary>Reads as "topic 'payments'".</summary>
    /// <returns>The kind and the name.</returns>
    public override string ToString() => Type switch
    {
        ConfigResourceType.Topic => $"topic '{Name}'",
        ConfigResourceType.Broker => Name.Length == 0 ? "all brokers" : $"broker {Name}",
        ConfigResourceType.BrokerLogger => $"the loggers of broker {Name}",
        ConfigResourceType.ClientMetrics => $"client metrics '{Name}'",
        ConfigResourceType.Group => $"group '{Name}'",
        _ => $"resource {(int)Type} '{Name}'",
    };
}
