using System.Buffers.Binary;
using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// Holds what members were given that keep the order of keys alone against the log: P2 of each record; P8 and P9, the records of a
/// key come in the order of their offsets, none of them is left out, and none comes twice.
/// </summary>
static class KeyOrderChecker
{
    public static void Check(GroupHistory group, LogTruth truth, Violations violations)
    {
        var byPlace = new Dictionary<(string Topic, int Partition, long Offset), LoggedRecord>();
        var byKey = new Dictionary<(string Topic, int Partition, int Key), List<LoggedRecord>>();
        foreach (var logged in truth.Records)
        {
            byPlace[(logged.Topic, logged.Partition, logged.Offset)] = logged;
            if (KeyOf(logged) is not { } key)
                continue;
            if (!byKey.TryGetValue((logged.Topic, logged.Partition, key), out var records))
                byKey.Add((logged.Topic, logged.Partition, key), records = []);
            records.Add(logged);
        }
        var seen = new HashSet<(string Member, int Turn, string Topic, int Partition, long Offset)>();
        var last = new Dictionary<(string Member, int Turn, string Topic, int Partition, int Key), long>();
        foreach (var (record, key) in group.KeyedDeliveries)
        {
            if (!byPlace.TryGetValue((record.Topic, record.Partition, record.Offset), out var logged) || logged.Id != record.Id || KeyOf(logged) != key)
                violations.Add("P2 no phantom", $"{Describe(record)} is not what lies there");
            if (!seen.Add((record.Member, record.Turn, record.Topic, record.Partition, record.Offset)))
                violations.Add("P9 monotonic reads", $"{Describe(record)} came twice");
            if (key is not { } named)
                continue;
            var lane = (record.Member, record.Turn, record.Topic, record.Partition, named);
            if (last.TryGetValue(lane, out var previous) && FirstBetween(byKey.GetValueOrDefault((record.Topic, record.Partition, named), []), previous, record.Offset) is { } why)
                violations.Add("P9 order of a key", $"{Describe(record)} came after offset {previous} of key {named}{why}");
            last[lane] = record.Offset;
        }
    }

    /// <summary>Null too where the log holds other bytes than a key of ours, which another checker tells.</summary>
    static int? KeyOf(in LoggedRecord record) =>
        record.Key is { Length: >= sizeof(int) } key ? BinaryPrimitives.ReadInt32BigEndian(key) : null;

    /// <returns>What is wrong with going from one record of a key to another; null if nothing is.</returns>
    static string? FirstBetween(List<LoggedRecord> records, long previous, long offset)
    {
        if (offset <= previous)
            return "";
        foreach (var record in records)
        {
            if (record.Offset > previous && record.Offset < offset && !record.IsRemoved)
                return $", and {record.Offset} was left out";
        }
        return null;
    }

    static string Describe(in Delivery delivery) =>
        $"record {delivery.Id}, given to {delivery.Member} as {delivery.Topic}-{delivery.Partition}@{delivery.Offset},";
}
