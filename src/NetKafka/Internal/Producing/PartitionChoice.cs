using NetKafka.Producing;
using NetKafka.Protocol.Hashing;

namespace NetKafka.Internal.Producing;

/// <summary>Where a record that names no partition goes. Safe from any thread.</summary>
sealed class PartitionChoice(ProducerOptions options)
{
    /// <summary>The record is one of those that are spread: it goes where the topic sends these at present.</summary>
    public const int Spread = -1;

    readonly bool _isJavas = options is { Partitioner: Partitioner.Murmur2, HashMissingKeys: false, IgnoreKeys: false, PartitionSelector: null };

    /// <summary>Whether partitions take turns; then a turn is over once a record is in.</summary>
    public bool IsInTurn { get; } = options is { Partitioner: Partitioner.RoundRobin, PartitionSelector: null };

    /// <summary>The partition, or <see cref="Spread"/>.</summary>
    /// <param name="record">A record without a partition.</param>
    /// <param name="partitions">Those of its topic.</param>
    /// <param name="turn">How many turns were taken, where partitions take turns.</param>
    public int Of(in RecordData record, TopicPartitions partitions, int turn)
    {
        if (!_isJavas)
            return OfOther(record, partitions, turn);
        return record.IsKeyNull ? Spread : Murmur2.Partition(record.Key.Span, partitions.Count);
    }

    int OfOther(in RecordData record, TopicPartitions partitions, int turn)
    {
        if (options.PartitionSelector is { } selector)
            return Select(selector, record, partitions);
        if (IsInTurn)
            return partitions.Available[(int)((uint)turn % (uint)partitions.Available.Length)];
        var isMissing = record.IsKeyNull || (options.Partitioner == Partitioner.Crc32 && record.Key.Length == 0);
        if (options.IgnoreKeys || (isMissing && !options.HashMissingKeys))
            return Spread;
        var key = record.Key.Span;
        var count = partitions.Count;
        return options.Partitioner switch
        {
            Partitioner.Crc32 => KeyCrc32.Partition(key, count),
            Partitioner.Fnv1a => Fnv1a.Partition(key, count),
            _ => Murmur2.Partition(key, count),
        };
    }

    static int Select(PartitionSelector selector, in RecordData record, TopicPartitions partitions)
    {
        var partition = selector(new PartitionQuery(
            record.Topic, record.IsKeyNull, record.Key.Span, record.Value.Span, record.Headers.Span, partitions.Count, partitions.Available));
        if ((uint)partition < (uint)partitions.Count)
            return partition;
        throw new ProduceException(
            $"PartitionSelector chose partition {partition} for a record of {record.Topic}, which has {partitions.Count} partitions, from 0.",
            RecordFate.NotWritten);
    }
}
