namespace NetKafka.Administration;

/// <summary>The features of a cluster, by name, as one node tells them (KIP-584).</summary>
/// <param name="FinalizedEpoch">Grows with each change of a finalized feature; null where the node knows of none.</param>
/// <param name="Finalized">
/// The levels that are in force, such as of <c>metadata.version</c>. A feature that is not here is at level 0, which means that it is not used.
/// </param>
/// <param name="Supported">The levels that the node that answered can do.</param>
public sealed record ClusterFeatures(
    long? FinalizedEpoch, IReadOnlyDictionary<string, FeatureLevels> Finalized, IReadOnlyDictionary<string, FeatureLevels> Supported);
