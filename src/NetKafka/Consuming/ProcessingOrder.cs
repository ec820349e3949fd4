namespace NetKafka.Consuming;

/// <summary>Which records <see cref="Consumer{TKey, TValue}.ProcessAsync"/> handles one after another.</summary>
public enum ProcessingOrder
{
    /// <summary>
    /// Those of a key, within a partition, in the order of their offsets. Keys are compared by the hash of their bytes, so that a few of
    /// different keys may wait for each other too. Records without a key have no order, not even among each other.
    /// </summary>
    ByKey = 0,

    /// <summary>Those of a partition, in the order of their offsets.</summary>
    ByPartition,
}
