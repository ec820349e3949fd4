namespace NetKafka.Administration;

/// <summary>A change of a feature's finalized level (KIP-584, KIP-778).</summary>
/// <param name="MaxVersionLevel">The level from now on; 0 takes the feature out of use. Not negative.</param>
/// <param name="UpgradeType">Whether it may go down, and how. Default: it must not.</param>
public sealed record FeatureUpdate(short MaxVersionLevel, FeatureUpgradeType UpgradeType = FeatureUpgradeType.Upgrade);
