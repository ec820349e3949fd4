using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Holds what members were given against the log: P2, P8 and P9 of a consumed record.</summary>
static class ConsumeChecker
{
    public static void Check(GroupHistory group, LogTruth truth, Violations violations)
    {
        var byPlace = new Dictionary<(string Topic, int Partition, long Offset), int>();
        var next = new Dictionary<(string Topic, int Partition, long Offset), LoggedRecord>();
        var last = new Dictionary<(string Topic, int Partition), long>();
        foreach (var logged in truth.Records)
        {
            byPlace[(logged.Topic, logged.Partition, logged.Offset)] = logged.Id;
            if (last.TryGetValue((logged.Topic, logged.Partition), out var before))
                next[(logged.Topic, logged.Partition, before)] = logged;
            last[(logged.Topic, logged.Partition)] = logged.Offset;
        }
        var turns = new Dictionary<(string Member, int Turn, string Topic, int Partition), long>();
        foreach (var delivery in group.Deliveries)
        {
            var place = (delivery.Topic, delivery.Partition, delivery.Offset);
            if (!byPlace.TryGetValue(place, out var id) || id != delivery.Id)
                violations.Add("P2 no phantom", $"{Describe(delivery)} is not what lies there");
            var turn = (delivery.Member, delivery.Turn, delivery.Topic, delivery.Partition);
            if (turns.TryGetValue(turn, out var previous))
                CheckStep(delivery, previous, next, violations);
            turns[turn] = delivery.Offset;
        }
    }

    static void CheckStep(
        in Delivery delivery, long previous, Dictionary<(string Topic, int Partition, long Offset), LoggedRecord> next, Violations violations)
    {
        if (delivery.Offset <= previous)
            violations.Add("P9 monotonic reads", $"{Describe(delivery)} came after offset {previous}");
        else if (!IsNext(delivery, previous, next))
            violations.Add("P8 no poll skip", $"{Describe(delivery)} came right after offset {previous}");
    }

    /// <summary>Whether nothing lies between but what was removed.</summary>
    static bool IsNext(in Delivery delivery, long previous, Dictionary<(string Topic, int Partition, long Offset), LoggedRecord> next)
    {
        while (next.TryGetValue((delivery.Topic, delivery.Partition, previous), out var following))
        {
            if (following.Offset == delivery.Offset)
                return true;
            if (!following.IsRemoved)
                return false;
            previous = following.Offset;
        }
        return false;
    }

    static string Describe(in Delivery delivery) =>
        $"record {delivery.Id}, given to {delivery.Member} as {delivery.Topic}-{delivery.Partition}@{delivery.Offset},";
}
