using NetKafka.Protocol.Records;

namespace NetKafka.Consuming;

/// <summary>The batch that a reader has in hand, as <see cref="ConsumerBatch{TKey, TValue}"/> shows it.</summary>
abstract class OpenBatch<TKey, TValue>
{
    /// <summary>Grows with every batch, so that a view of an earlier one can tell.</summary>
    public int Version { get; protected set; }

    public abstract TopicPartition Partition { get; }

    public abstract long FirstOffset { get; }

    public abstract long LastOffset { get; }

    public abstract int RecordCount { get; }

    /// <summary>The epoch of the leader that has written the batch; −1 where it is not known.</summary>
    public abstract int LeaderEpoch { get; }

    /// <summary>A cursor before the first record.</summary>
    public abstract RecordCursor Begin();

    /// <summary>Reads the next record; false after the last.</summary>
    public abstract bool TryRead(ref RecordCursor cursor, out ConsumerRecord<TKey, TValue> record);

    /// <summary>Refuses a view of a batch that the reader has left.</summary>
    public void Check(int version)
    {
        if (version != Version)
            throw new InvalidOperationException("A batch was used after the loop had asked for the next one. Read it to its "
                + "end before, or copy what must last.");
    }
}
