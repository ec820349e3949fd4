namespace NetKafka.Administration;

/// <summary>What a configuration belongs to. The numbers are Kafka's.</summary>
public enum ConfigResourceType
{
    /// <summary>One that this client does not know.</summary>
    Unknown = 0,

    /// <summary>A topic, by its name.</summary>
    Topic = 2,

    /// <summary>A broker, by its node id; an empty name means what all brokers have in common.</summary>
    Broker = 4,

    /// <summary>The loggers of a broker, by its node id: their names are the configurations, their levels the values.</summary>
    BrokerLogger = 8,

    /// <summary>A subscription to client metrics, by its name (KIP-714).</summary>
    ClientMetrics = 16,

    /// <summary>A group, by its id (KIP-848, KIP-932).</summary>
    Group = 32,
}
