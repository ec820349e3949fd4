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
        var byPlace = new Dictionary<(string Topic, int Partition, long Offset, int Id), List<LoggedRecord>>();
        var byKey = new Dictionary<(Guid TopicId, int Partition, int Key), List<LoggedRecord>>();
        foreach (var logged in truth.Records)
        {
            Add(byPlace, (logged.Topic, logged.Partition, logged.Offset, logged.Id), logged);
            if (KeyOf(logged) is { } key)
                Add(byKey, (logged.TopicId, logged.Partition, key), logged);
        }
        var seen = new Dictionary<(string Member, int Turn, string Topic, int Partition, long Offset, int Id), int>();
        var last = new Dictionary<(string Member, int Turn, Guid TopicId, int Partition, int Key), long>();
        foreach (var (record, key) in group.KeyedDeliveries)
        {
            var places = byPlace.GetValueOrDefault((record.Topic, record.Partition, record.Offset, record.Id), []);
            if (places.Count == 0 || KeyOf(places[0]) != key)
                violations.Add("P2 no phantom", $"{Describe(record)} is not what lies there");
            var given = (record.Member, record.Turn, record.Topic, record.Partition, record.Offset, record.Id);
            seen[given] = seen.GetValueOrDefault(given) + 1;
            if (seen[given] > Math.Max(1, places.Count))
                violations.Add("P9 monotonic reads", $"{Describe(record)} came twice");
            if (key is not { } named)
                continue;
            // Sent again, a record may lie at one place in two topics of a name, one after the other: then its order tells nothing.
            foreach (var place in places)
            {
                var lane = (record.Member, record.Turn, place.TopicId, record.Partition, named);
                if (places.Count == 1 && last.TryGetValue(lane, out var previous)
                    && FirstBetween(byKey.GetValueOrDefault((place.TopicId, record.Partition, named), []), previous, record.Offset) is { } why)
                    violations.Add("P9 order of a key", $"{Describe(record)} came after offset {previous} of key {named}{why}");
                last[lane] = places.Count == 1 ? record.Offset : Math.Max(record.Offset, last.GetValueOrDefault(lane, -1));
            }
        }
    }

    static void Add<TKey>(Dictionary<TKey, List<LoggedRecord>> records, TKey key, in LoggedRecord record)
        where TKey : notnull
    {
        if (!records.TryGetValue(key, out var there))
            records.Add(key, there = []);
        there.Add(record);
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
