using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// Holds what a reader without a group was given against the log: P2, P8 and P9; P14, no record of a transaction that is
/// aborted in the end, whenever it was read; P15, each that was committed; P13, all of it by the end.
/// </summary>
sealed class ReaderChecker
{
    readonly Dictionary<int, List<LoggedRecord>> _visible = [];
    readonly HashSet<(int Partition, long Offset)> _aborted = [];
    readonly ReaderHistory _reader;
    readonly Violations _violations;

    ReaderChecker(ReaderHistory reader, LogTruth truth, bool isCommitted, Violations violations)
    {
        (_reader, _violations) = (reader, violations);
        foreach (var record in truth.Records)
        {
            if (isCommitted && record.IsAborted)
                _aborted.Add((record.Partition, record.Offset));
            else if (_visible.TryGetValue(record.Partition, out var records))
                records.Add(record);
            else
                _visible.Add(record.Partition, [record]);
        }
    }

    public static void Check(ReaderHistory reader, LogTruth truth, bool isCommitted, Violations violations) =>
        new ReaderChecker(reader, truth, isCommitted, violations).Check();

    void Check()
    {
        var last = new Dictionary<int, (int Turn, int Index)>();
        foreach (var delivery in _reader.Deliveries)
        {
            var index = IndexOf(delivery);
            if (index < 0)
                continue;
            CheckStep(delivery, index, last.GetValueOrDefault(delivery.Partition, (0, -1)));
            last[delivery.Partition] = (delivery.Turn, index);
        }
        foreach (var (partition, records) in _visible)
        {
            if (last.GetValueOrDefault(partition, (0, -1)).Item2 != records.Count - 1)
                _violations.Add("P13 everything is read", $"{_reader.Name} did not come to offset {records[^1].Offset} of partition {partition}");
        }
    }

    /// <summary>The place of a delivery among what its partition shows; −1 for what it does not show.</summary>
    int IndexOf(in Delivery delivery)
    {
        var index = FirstFrom(delivery.Partition, delivery.Offset);
        var records = _visible.GetValueOrDefault(delivery.Partition, []);
        if (index < records.Count && records[index].Offset == delivery.Offset && records[index].Id == delivery.Id)
            return index;
        var (property, why) = _aborted.Contains((delivery.Partition, delivery.Offset))
            ? ("P14 committed alone", "belongs to a transaction that was aborted")
            : ("P2 no phantom", "is not what lies there");
        _violations.Add(property, $"{Describe(delivery)} {why}");
        return -1;
    }

    void CheckStep(in Delivery delivery, int index, (int Turn, int Index) last)
    {
        var start = _reader.StartOf(delivery.Turn, delivery.Partition);
        var wanted = last.Turn == delivery.Turn ? last.Index + 1 : start < 0 ? index : FirstFrom(delivery.Partition, start);
        if (index < wanted)
            _violations.Add("P9 monotonic reads", $"{Describe(delivery)} came again");
        else if (index > wanted)
            _violations.Add("P15 all that is committed", $"{Describe(delivery)} came before {_visible[delivery.Partition][wanted].Offset}");
    }

    /// <summary>The place of the first record at an offset or after it.</summary>
    int FirstFrom(int partition, long offset)
    {
        var records = _visible.GetValueOrDefault(partition, []);
        var (low, high) = (0, records.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (records[middle].Offset < offset)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    string Describe(in Delivery delivery) =>
        $"record {delivery.Id}, given to {_reader.Name} as {delivery.Topic}-{delivery.Partition}@{delivery.Offset},";
}
