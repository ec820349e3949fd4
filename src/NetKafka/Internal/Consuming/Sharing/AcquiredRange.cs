namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>Offsets in a row that were acquired with one delivery count.</summary>
/// <param name="FirstOffset">The first of them.</param>
/// <param name="LastOffset">The last of them.</param>
/// <param name="DeliveryCount">How often they have been delivered, this time included.</param>
/// <param name="FirstIndex">How many offsets the ranges before have.</param>
readonly record struct AcquiredRange(long FirstOffset, long LastOffset, short DeliveryCount, int FirstIndex);
