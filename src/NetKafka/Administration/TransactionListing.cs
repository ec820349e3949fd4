namespace NetKafka.Administration;

/// <summary>A transactional id that there is.</summary>
/// <param name="TransactionalId">The id.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="State">Where its transaction stands.</param>
public sealed record TransactionListing(string TransactionalId, long ProducerId, TransactionState State);
