using NetKafka.Internal.Consuming.Offsets;

namespace NetKafka.Internal.Consuming;

/// <summary>
/// How the application sets a position: what was fetched, asked or committed for the old one does not count any more.
/// </summary>
static class Positions
{
    /// <summary>Goes on at an offset.</summary>
    public static void Set(ConsumerContext context, AssignedPartition partition, long offset, int epoch)
    {
        Begin(partition);
        context.Queue.MoveTo(partition, offset, epoch);
        (partition.FetchOffset, partition.FetchEpoch) = (offset, epoch);
        partition.ValidatedEpoch = LeaderGroups.EpochOf(context.Cluster.View, partition.Partition);
        partition.Stage = PositionStage.Ready;
    }

    /// <summary>Goes on where the broker says that a moment, the beginning or the end is.</summary>
    public static void LookUp(ConsumerContext context, AssignedPartition partition, long timestampMs)
    {
        Begin(partition);
        context.Queue.MoveTo(partition, -1, -1);
        partition.LookUp(timestampMs);
    }

    /// <summary>Begins where it is said, if it is; a place that is not said is looked for later.</summary>
    public static void Begin(ConsumerContext context, AssignedPartition partition, in PartitionStart start)
    {
        partition.Bound = start.Bound;
        if (start.Position is { } place)
            Set(context, partition, place.Offset, place.LeaderEpoch);
        else if (start.TimestampMs is { } timestampMs)
            LookUp(context, partition, timestampMs);
    }

    static void Begin(AssignedPartition partition)
    {
        partition.Seeks++;
        (partition.CommitFloor, partition.CommitSent) = (-1, -1);
        partition.Succeed();
    }
}
