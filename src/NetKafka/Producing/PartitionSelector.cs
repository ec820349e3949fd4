namespace NetKafka.Producing;

/// <summary>
/// Chooses the partition of a record that names none, with a key or without. Called on the threads that produce, several at once, so
/// it must be thread-safe; and again for a record that had to wait before it could be buffered.
/// </summary>
/// <param name="record">The record.</param>
/// <returns>
/// A partition from 0 to <see cref="PartitionQuery.PartitionCount"/> − 1. Any other number fails the record with a
/// <see cref="ProduceException"/>, and what the selector throws reaches whoever produces.
/// </returns>
public delegate int PartitionSelector(in PartitionQuery record);
