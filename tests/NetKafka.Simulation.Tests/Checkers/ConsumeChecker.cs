using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// Holds what members were given against the log: P2, P8 and P9 of a consumed record. Where a topic was created anew in the middle of an
/// assignment the new one is read from its first record on. What was sent again may lie at the same place in both: then either will do.
/// </summary>
static class ConsumeChecker
{
    public static void Check(GroupHistory group, LogTruth truth, Violations violations)
    {
        var steps = new Steps(truth);
        var turns = new Dictionary<(string Member, int Turn, string Topic, int Partition), List<LoggedRecord>>();
        foreach (var delivery in group.Deliveries)
        {
            var places = steps.At(delivery);
            if (places.Count == 0)
            {
                violations.Add("P2 no phantom", $"{Describe(delivery)} is not what lies there");
                continue;
            }
            var turn = (delivery.Member, delivery.Turn, delivery.Topic, delivery.Partition);
            if (turns.TryGetValue(turn, out var before))
            {
                var reached = places.FindAll(place => before.Exists(previous => steps.Leads(previous, place)));
                if (reached.Count == 0)
                    Report(delivery, before, places, violations);
                places = reached.Count > 0 ? reached : places;
            }
            turns[turn] = places;
        }
    }

    static void Report(in Delivery delivery, List<LoggedRecord> before, List<LoggedRecord> places, Violations violations)
    {
        var previous = before.Find(previous => places.Exists(place => place.TopicId == previous.TopicId));
        if (previous == default)
            violations.Add("P8 no poll skip", $"{Describe(delivery)} is the first of a topic that was created anew, and others lie before it");
        else if (delivery.Offset <= previous.Offset)
            violations.Add("P9 monotonic reads", $"{Describe(delivery)} came after offset {previous.Offset}");
        else
            violations.Add("P8 no poll skip", $"{Describe(delivery)} came right after offset {previous.Offset}");
    }

    static string Describe(in Delivery delivery) =>
        $"record {delivery.Id}, given to {delivery.Member} as {delivery.Topic}-{delivery.Partition}@{delivery.Offset},";

    /// <summary>Which record may follow which.</summary>
    sealed class Steps
    {
        readonly Dictionary<(string Topic, int Partition, long Offset, int Id), List<LoggedRecord>> _byPlace = [];
        readonly Dictionary<(Guid TopicId, int Partition, long Offset), LoggedRecord> _next = [];
        readonly Dictionary<(Guid TopicId, int Partition), LoggedRecord> _first = [];

        public Steps(LogTruth truth)
        {
            var last = new Dictionary<(Guid TopicId, int Partition), long>();
            foreach (var logged in truth.Records)
            {
                var place = (logged.Topic, logged.Partition, logged.Offset, logged.Id);
                if (!_byPlace.TryGetValue(place, out var records))
                    _byPlace.Add(place, records = []);
                records.Add(logged);
                var log = (logged.TopicId, logged.Partition);
                if (last.TryGetValue(log, out var before))
                    _next[(logged.TopicId, logged.Partition, before)] = logged;
                else
                    _first.Add(log, logged);
                last[log] = logged.Offset;
            }
        }

        public List<LoggedRecord> At(in Delivery delivery) =>
            _byPlace.GetValueOrDefault((delivery.Topic, delivery.Partition, delivery.Offset, delivery.Id), []);

        /// <summary>Whether a record is the next one, or the first of another topic of the name: nothing lies between but what was removed.</summary>
        public bool Leads(in LoggedRecord from, in LoggedRecord to)
        {
            if (from.TopicId == to.TopicId)
                return to.Offset > from.Offset && IsNext(to, from.Offset);
            var first = _first[(to.TopicId, to.Partition)];
            return first.Offset == to.Offset || (first.IsRemoved && IsNext(to, first.Offset));
        }

        bool IsNext(in LoggedRecord logged, long previous)
        {
            while (_next.TryGetValue((logged.TopicId, logged.Partition, previous), out var following))
            {
                if (following.Offset == logged.Offset)
                    return true;
                if (!following.IsRemoved)
                    return false;
                previous = following.Offset;
            }
            return false;
        }
    }
}
