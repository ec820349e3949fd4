namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>A partition as a fetch asks for it.</summary>
/// <param name="Slot">The partition, and its place in the session.</param>
/// <param name="Owner">Who wanted it, as it was then; null in tests of the wire alone.</param>
/// <param name="Generation">The owner's generation: an answer for an older one is not taken.</param>
/// <param name="TopicId">The topic's id; empty where the broker is too old to tell.</param>
/// <param name="Offset">From where.</param>
/// <param name="LeaderEpoch">The leader's epoch that the asker knows; −1 if none.</param>
/// <param name="MaxBytes">How much, at most.</param>
readonly record struct FetchTarget(
    FetchSlot Slot, AssignedPartition? Owner, int Generation, Guid TopicId, long Offset, int LeaderEpoch, int MaxBytes)
{
    public TopicPartition Partition => Slot.Partition;

    /// <summary>Whether a session that holds this one need not be told of the other.</summary>
    public bool IsSameOnWire(in FetchTarget other) =>
        Offset == other.Offset && LeaderEpoch == other.LeaderEpoch && MaxBytes == other.MaxBytes && TopicId == other.TopicId;
}
