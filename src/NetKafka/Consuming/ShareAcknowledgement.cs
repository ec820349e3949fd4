namespace NetKafka.Consuming;

/// <summary>What a broker has said of acknowledgements of one partition.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Offsets">
/// The offsets of the records that were acknowledged together, ascending. Offsets without a record, such as those of compacted ones and of the ends of
/// transactions, are acknowledged too, and not among them.
/// </param>
/// <param name="Error">
/// Why they do not count; null where they do. With <see cref="Protocol.ErrorCode.InvalidRecordState"/> the lock was lost before, and with an error
/// of the session, the leader or the connection it may have been: whoever is given such a record works on it again.
/// </param>
public sealed record ShareAcknowledgement(TopicPartition TopicPartition, IReadOnlyList<long> Offsets, KafkaException? Error)
{
    /// <summary>Whether the acknowledgements count.</summary>
    public bool IsCommitted => Error is null;

    /// <summary>Whether it is the locks of the records that were renewed (KIP-1222): where that counts, they are still to be acknowledged, and told of again.</summary>
    public bool IsRenewal { get; init; }
}
