using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;

namespace NetKafka.Internal.Administration;

/// <summary>Works out where a group goes on: what has to be asked for that, and what follows from the answers.</summary>
/// <param name="items">The partitions.</param>
/// <param name="reset">Where the group is to go on.</param>
/// <param name="nowMs">The time of day, in ms since 1970.</param>
sealed class OffsetResetPlan(AdminItems<TopicPartition, long> items, OffsetReset reset, long nowMs)
{
    readonly Dictionary<TopicPartition, long> _committed = [];
    readonly Dictionary<(OffsetSpec Spec, TopicPartition Partition), long> _listed = [];

    /// <summary>Whether it depends on what the group has committed.</summary>
    public bool NeedsCommitted => reset.Way == OffsetReset.Kind.Shift;

    public void TakeCommitted(ItemResult<string, IReadOnlyDictionary<TopicPartition, GroupOffset>> result)
    {
        foreach (var partition in items.Open.ToArray())
        {
            if (result.Error is { } error)
                items.Fail(partition, error);
            else if (result.Value!.TryGetValue(partition, out var offset))
                _committed[partition] = offset.Offset;
            else
                items.Fail(partition, new KafkaException($"{items.What(partition)}: the group has committed nothing for it, from which it could be shifted.") { Code = ErrorCode.InvalidRequest });
        }
    }

    /// <summary>What has to be listed.</summary>
    public IEnumerable<(OffsetSpec Spec, TopicPartition[] Partitions)> Questions()
    {
        foreach (var spec in Specs())
        {
            TopicPartition[] open = [.. items.Open];
            if (open.Length > 0)
                yield return (spec, open);
        }
    }

    public void Take(OffsetSpec spec, IReadOnlyList<ItemResult<TopicPartition, ListedOffset>> results)
    {
        foreach (var result in results)
        {
            if (result.Error is { } error)
                items.Fail(result.Item, error);
            else
                _listed[(spec, result.Item)] = result.Value.Offset;
        }
    }

    /// <summary>Where the group goes on, of the partitions of which all is known.</summary>
    public TopicPartitionOffset[] Places() => [.. items.Open.Select(partition => new TopicPartitionOffset(partition, PlaceOf(partition)))];

    OffsetSpec[] Specs() => reset.Way switch
    {
        OffsetReset.Kind.Earliest => [OffsetSpec.Earliest],
        OffsetReset.Kind.Latest => [OffsetSpec.Latest],
        // There may be no record as young as that.
        OffsetReset.Kind.Time or OffsetReset.Kind.Duration => [OfTime(), OffsetSpec.Latest],
        _ => [OffsetSpec.Earliest, OffsetSpec.Latest],
    };

    OffsetSpec OfTime() => OffsetSpec.ForTime(
        reset.Way == OffsetReset.Kind.Time ? reset.Time : DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, nowMs - reset.Value)));

    long PlaceOf(TopicPartition partition)
    {
        switch (reset.Way)
        {
            case OffsetReset.Kind.Earliest:
                return _listed[(OffsetSpec.Earliest, partition)];
            case OffsetReset.Kind.Latest:
                return _listed[(OffsetSpec.Latest, partition)];
            case OffsetReset.Kind.Time or OffsetReset.Kind.Duration:
                return _listed[(OfTime(), partition)] is >= 0 and var found ? found : _listed[(OffsetSpec.Latest, partition)];
            default:
                var wanted = reset.Way == OffsetReset.Kind.Shift ? _committed[partition] + reset.Value : reset.Value;
                return Math.Clamp(wanted, _listed[(OffsetSpec.Earliest, partition)], _listed[(OffsetSpec.Latest, partition)]);
        }
    }
}
