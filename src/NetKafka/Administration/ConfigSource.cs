namespace NetKafka.Administration;

/// <summary>Where a configuration's value comes from. The numbers are Kafka's.</summary>
public enum ConfigSource
{
    /// <summary>From where this client does not know.</summary>
    Unknown = 0,

    /// <summary>Set for this topic.</summary>
    Topic = 1,

    /// <summary>Set for this broker while it ran.</summary>
    DynamicBroker = 2,

    /// <summary>Set for all brokers while they ran.</summary>
    DynamicDefaultBroker = 3,

    /// <summary>In the broker's properties file.</summary>
    StaticBroker = 4,

    /// <summary>Kafka's own default.</summary>
    Default = 5,

    /// <summary>Set for this logger while its broker ran.</summary>
    DynamicBrokerLogger = 6,

    /// <summary>Set for this subscription to client metrics.</summary>
    ClientMetrics = 7,

    /// <summary>Set for this group.</summary>
    Group = 8,
}
