namespace NetKafka.Administration;

/// <summary>Whether an update of a feature may lower its level (KIP-778). The numbers are Kafka's.</summary>
public enum FeatureUpgradeType
{
    /// <summary>The level must not go down.</summary>
    Upgrade = 1,

    /// <summary>The level may go down where no metadata is lost by that.</summary>
    SafeDowngrade = 2,

    /// <summary>The level may go down though metadata is lost by that. Brokers may refuse that in any case.</summary>
    UnsafeDowngrade = 3,
}
