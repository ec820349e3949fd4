namespace NetKafka.Consuming;

/// <summary>What one fetch has acquired of one partition, as a <see cref="ShareRecord{TKey, TValue}"/> knows it.</summary>
abstract class AcquiredRecords
{
    /// <summary>How often a record has been delivered, this time included.</summary>
    public abstract short DeliveryCountOf(int index);
}
