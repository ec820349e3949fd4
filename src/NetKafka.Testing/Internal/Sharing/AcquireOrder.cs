namespace NetKafka.Testing.Internal.Sharing;

/// <summary>Who wants how many records of one partition.</summary>
/// <param name="MemberId">Who.</param>
/// <param name="IsStrict">No record more than asked for, and none of a batch that is not wanted whole (KIP-1206).</param>
/// <param name="BatchSize">About how many records make one range of the answer.</param>
/// <param name="MaxRecords">How many; else more come, up to the end of a batch in the log.</param>
readonly record struct AcquireOrder(string MemberId, bool IsStrict, int BatchSize, int MaxRecords);

/// <summary>A range of offsets that a member has now; among them may be some that the log does not have.</summary>
readonly record struct AcquiredRange(long First, long Last, int DeliveryCount)
{
    internal long Count => Last - First + 1;
}
