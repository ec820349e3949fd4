namespace NetKafka.Administration;

/// <summary>What a transactional id has now that its producers are fenced.</summary>
/// <param name="ProducerId">The producer's id.</param>
/// <param name="ProducerEpoch">The epoch: producers with a lower one are refused.</param>
public readonly record struct FencedProducer(long ProducerId, short ProducerEpoch);
