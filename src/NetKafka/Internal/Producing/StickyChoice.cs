using NetKafka.Internal.Kernel;
using NetKafka.Producing;

namespace NetKafka.Internal.Producing;

/// <summary>
/// Which partition of a topic is next for records that are spread. Of two that are drawn by lot it is the one with fewer batches on their
/// way: so equal partitions get equal shares, and one whose broker is slow gets fewer, without a look at all of them. The owner's lock
/// is held.
/// </summary>
sealed class StickyChoice(ProducerOptions options, IProducerHost host, RandomSource random)
{
    public int Next(TopicPartitions partitions, int current)
    {
        var choice = partitions.Near;
        if (choice.Length == 1)
            return choice[0];
        var first = random.Next(choice.Length);
        if (!options.AdaptivePartitioning)
            return choice[first] != current ? choice[first] : choice[(first + 1) % choice.Length];
        var second = random.Next(choice.Length - 1);
        second += second >= first ? 1 : 0;
        var (better, worse) = (partitions.All[choice[first]], partitions.All[choice[second]]);
        // Where they are equal it moves on.
        if (worse.Load < better.Load || (worse.Load == better.Load && better.Partition == current))
            (better, worse) = (worse, better);
        if (options.PartitionAvailabilityTimeout == TimeSpan.Zero)
            return better.Partition;
        var now = host.Now;
        if (IsAvailable(better, now))
            return better.Partition;
        return IsAvailable(worse, now) ? worse.Partition : NextAvailable(partitions, first, now);
    }

    /// <summary>Any that is, from a place on; if none is, what lies there.</summary>
    int NextAvailable(TopicPartitions partitions, int from, Instant now)
    {
        var choice = partitions.Near;
        for (var i = 0; i < choice.Length; i++)
        {
            var queue = partitions.All[choice[(from + i) % choice.Length]];
            if (IsAvailable(queue, now))
                return queue.Partition;
        }
        return choice[from];
    }

    bool IsAvailable(PartitionQueue queue, Instant now) =>
        queue.Window is not { } window || !window.IsSilent(now, options.PartitionAvailabilityTimeout);
}
