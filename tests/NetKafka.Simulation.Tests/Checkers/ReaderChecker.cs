using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// Holds what a reader without a group was given against the log: P2, P8 and P9; P14, no record of a transaction that is
/// aborted in the end, whenever it was read; P15, each that was committed; P13, all of it by the end. Of a partition that has lost
/// records with its leader the order is not looked at, since the reader has to go back in it: P13 says whether it did.
/// </summary>
sealed class ReaderChecker
{
    readonly Dictionary<int, List<LoggedRecord>> _visible = [];
    readonly HashSet<(int Partition, long Offset)> _aborted = [];
    readonly HashSet<(int Partition, long Offset, int Id)> _lost;
    readonly Dictionary<int, long> _cut;
    readonly Losses _losses;
    readonly ReaderHistory _reader;
    readonly Violations _violations;

    /// <param name="reader">What it was given.</param>
    /// <param name="truth">What lies in the log.</param>
    /// <param name="losses">What lay there and was lost with a leader.</param>
    /// <param name="isCommitted">Whether it is to be given committed records alone.</param>
    /// <param name="violations">Takes what is found.</param>
    public ReaderChecker(ReaderHistory reader, LogTruth truth, Losses losses, bool isCommitted, Violations violations)
    {
        (_reader, _losses, _violations) = (reader, losses, violations);
        _cut = losses.Partitions.ToDictionary(static cut => cut.Key.Partition, static cut => cut.Value);
        _lost = losses.Records.Select(static record => (record.Partition, record.Offset, record.Id)).ToHashSet();
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

    /// <summary>Whether it has been given all that is left to be read.</summary>
    public bool IsComplete => FirstMissed() is null;

    public void Check()
    {
        var last = new Dictionary<int, (int Turn, int Index)>();
        foreach (var delivery in _reader.Deliveries)
        {
            var index = IndexOf(delivery);
            if (index < 0 || _cut.ContainsKey(delivery.Partition))
                continue;
            CheckStep(delivery, index, last.GetValueOrDefault(delivery.Partition, (0, -1)));
            last[delivery.Partition] = (delivery.Turn, index);
        }
        if (FirstMissed() is { } missed)
            _violations.Add("P13 everything is read", $"{_reader.Name} was not given record {missed.Id}, at offset {missed.Offset} of partition {missed.Partition}");
    }

    /// <summary>
    /// Whether how its transaction ended may have been lost: who has passed it before that, as aborted, does not come back to it.
    /// </summary>
    bool HasLostItsEnd(in LoggedRecord record) => record.IsTransactional && record.Offset < _cut.GetValueOrDefault(record.Partition);

    /// <summary>
    /// Whether the log was cut off below where the reader had been told to begin, and it had read nothing since: a place that the
    /// application names has no epoch, so nobody can tell that other records have come to lie before it.
    /// </summary>
    bool IsBelowABeginning(in LoggedRecord record)
    {
        foreach (var (partition, offset, atTicks) in _losses.Cuts)
        {
            var turn = _reader.TurnAt(partition, atTicks);
            if (partition == record.Partition && record.Offset >= offset && record.Offset < _reader.StartOf(turn, partition)
                && !_reader.HasGiven(turn, partition, atTicks))
                return true;
        }
        return false;
    }

    /// <summary>The first record that is left to be read and was never given.</summary>
    LoggedRecord? FirstMissed()
    {
        var given = _reader.Deliveries.Select(static delivery => (delivery.Partition, delivery.Offset, delivery.Id)).ToHashSet();
        foreach (var (partition, records) in _visible)
        {
            foreach (var record in records)
            {
                if (!record.IsRemoved && _reader.Reads(partition) && !HasLostItsEnd(record) && !IsBelowABeginning(record) && !given.Contains((partition, record.Offset, record.Id)))
                    return record;
            }
        }
        return null;
    }

    /// <summary>The place of a delivery among what its partition shows; −1 for what it does not show.</summary>
    int IndexOf(in Delivery delivery)
    {
        var index = FirstFrom(delivery.Partition, delivery.Offset);
        var records = _visible.GetValueOrDefault(delivery.Partition, []);
        if (index < records.Count && records[index].Offset == delivery.Offset && records[index].Id == delivery.Id)
            return index;
        if (_lost.Contains((delivery.Partition, delivery.Offset, delivery.Id))
            || (_cut.ContainsKey(delivery.Partition) && _aborted.Contains((delivery.Partition, delivery.Offset))))
            return -1;
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
        else if (FirstLeft(delivery.Partition, wanted, index) is { } skipped)
            _violations.Add("P15 all that is committed", $"{Describe(delivery)} came before {skipped.Offset}");
    }

    /// <summary>The first of some records that was not removed.</summary>
    LoggedRecord? FirstLeft(int partition, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (!_visible[partition][i].IsRemoved)
                return _visible[partition][i];
        }
        return null;
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
