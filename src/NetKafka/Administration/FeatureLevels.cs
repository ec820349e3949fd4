namespace NetKafka.Administration;

/// <summary>A range of levels of a feature (KIP-584).</summary>
/// <param name="Min">The lowest.</param>
/// <param name="Max">The highest; of a finalized feature the level in force.</param>
public readonly record struct FeatureLevels(short Min, short Max);
