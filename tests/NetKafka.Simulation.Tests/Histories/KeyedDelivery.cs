namespace NetKafka.Simulation.Tests.Histories;

/// <summary>A record as it was given to a member that works on many at a time, and keeps the order of keys alone.</summary>
/// <param name="Record">The record.</param>
/// <param name="Key">Its key as a number; null for none.</param>
readonly record struct KeyedDelivery(Delivery Record, int? Key);
