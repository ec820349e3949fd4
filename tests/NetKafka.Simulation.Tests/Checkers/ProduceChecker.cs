using NetKafka.Simulation.Tests.Histories;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Holds what producers were told against the log: P1 to P6, P21 and P24 of a produced record.</summary>
static class ProduceChecker
{
    public static void Check(History history, LogTruth truth, long endTicks, Violations violations)
    {
        foreach (var damage in truth.Damage)
            violations.Add("P2 no phantom", damage);
        // By record: the first place in the log where it lies.
        var places = new int[history.Sent.Count];
        Array.Fill(places, -1);
        for (var i = 0; i < truth.Records.Count; i++)
            CheckLogged(history, truth, i, places, violations);
        foreach (var sent in history.Sent)
        {
            CheckOutcome(sent, places[sent.Id] < 0 ? null : truth.Records[places[sent.Id]], violations);
            CheckEnd(sent, endTicks, violations);
        }
        CheckOrder(history, truth, places, violations);
        CheckReports(history, truth, places, violations);
    }

    static void CheckLogged(History history, LogTruth truth, int index, int[] places, Violations violations)
    {
        var logged = truth.Records[index];
        var where = $"{logged.Topic}-{logged.Partition}@{logged.Offset}";
        if ((uint)logged.Id >= (uint)history.Sent.Count)
        {
            violations.Add("P2 no phantom", $"{where} holds a record that nobody sent");
            return;
        }
        var sent = history.Sent[logged.Id];
        if (places[sent.Id] >= 0 && truth.Records[places[sent.Id]].TopicId != logged.TopicId)
        {
            // What was written before its topic was created anew may be written again; it is where it was acknowledged.
            if (sent.Outcome != SendOutcome.Ok || logged.Offset == sent.AckedOffset)
                places[sent.Id] = index;
        }
        else if (places[sent.Id] >= 0 && sent.CameLate)
        {
            if (logged.Offset == sent.AckedOffset)
                places[sent.Id] = index;
        }
        else if (places[sent.Id] >= 0)
            violations.Add("P4 exactly once", $"{sent} lies at {where} and at offset {truth.Records[places[sent.Id]].Offset} ({sent.Outcome})");
        else
            places[sent.Id] = index;
        if (logged.Topic != sent.Topic || (sent.Partition >= 0 && sent.Partition != logged.Partition))
            violations.Add("P2 no misroute", $"{sent} lies at {where}");
        if (sent is { Partition: < 0, Key: not null } && truth.PartitionCounts.TryGetValue(logged.Topic, out var partitions)
            && JavaPartition.Of(sent.KeyBytes(), partitions) is var wanted && wanted != logged.Partition)
            violations.Add("P2 no misroute", $"{sent} lies at {where}, and its key belongs into partition {wanted}");
        if (!sent.HasValue(logged.Value))
            violations.Add("P2 no phantom", $"the value of {sent} at {where} is not the one that was sent");
        if (!IsKey(sent.Key, logged.Key))
            violations.Add("P2 no phantom", $"the key of {sent} at {where} is not the one that was sent");
        if (logged.TimestampMs != sent.TimestampMs)
            violations.Add("P2 no phantom", $"{sent} at {where} has the timestamp {logged.TimestampMs} and not {sent.TimestampMs}");
        if (logged.HeaderCount != (sent.HasHeader ? 1 : 0))
            violations.Add("P2 no phantom", $"{sent} at {where} has {logged.HeaderCount} headers");
    }

    static bool IsKey(int? sent, byte[]? logged) => sent is { } key
        ? logged is { Length: sizeof(int) } && System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(logged) == key
        : logged is null;

    static void CheckOutcome(SentRecord sent, LoggedRecord? logged, Violations violations)
    {
        if (sent.OutcomeCount > 1)
            violations.Add("P24 one outcome", $"{sent} had {sent.OutcomeCount} outcomes");
        if (sent.Outcome == SendOutcome.NotWritten && !sent.CameLate && logged is { } there)
            violations.Add("P3 failed means absent", $"{sent} was said to be nowhere and lies at offset {there.Offset}");
        if (sent.MustSucceed && sent.Outcome != SendOutcome.Ok)
            violations.Add("P21 progress after healing", $"{sent} was sent to a healthy cluster and ended as {sent.Outcome}: {sent.Error?.Message}");
        if (sent.Outcome != SendOutcome.Ok)
            return;
        if (logged is not { } found)
            violations.Add("P1 no lost ack", $"{sent} was acknowledged at offset {sent.AckedOffset} and lies nowhere");
        else if (found.Partition != sent.AckedPartition || (sent.AckedOffset >= 0 && found.Offset != sent.AckedOffset))
            violations.Add("P6 ack tells the truth",
                $"{sent} was acknowledged at {sent.AckedPartition}@{sent.AckedOffset} and lies at {found.Partition}@{found.Offset}");
    }

    static void CheckEnd(SentRecord sent, long endTicks, Violations violations)
    {
        if (sent.Outcome == SendOutcome.Pending)
            violations.Add("P21 calls end", $"{sent} never ended");
        else if (sent.EndedTicks > endTicks || sent.EndedTicks - sent.StalledTicks > sent.LatestEndTicks)
            violations.Add("P21 calls end", $"{sent} ended {TimeSpan.FromTicks(sent.EndedTicks - sent.LatestEndTicks - sent.StalledTicks)} too late");
    }

    /// <summary>P24: acknowledgements of a partition are told in the order of their offsets.</summary>
    static void CheckReports(History history, LogTruth truth, int[] places, Violations violations)
    {
        var last = new Dictionary<(int Producer, Guid Topic, int Partition), SentRecord>();
        foreach (var sent in history.Acks)
        {
            if (sent.CameLate || sent.AckedOffset < 0 || places[sent.Id] < 0)
                continue;
            var logged = truth.Records[places[sent.Id]];
            var key = (sent.Producer, logged.TopicId, logged.Partition);
            if (last.TryGetValue(key, out var before) && before.AckedOffset > sent.AckedOffset)
                violations.Add("P24 acks in order", $"{sent} was acknowledged, at {logged.Partition}@{sent.AckedOffset}, after {before.Id} at {before.AckedOffset}");
            last[key] = sent;
        }
    }

    static void CheckOrder(History history, LogTruth truth, int[] places, Violations violations)
    {
        var last = new Dictionary<(int Producer, Guid Topic, int Partition), (SentRecord Sent, long Offset)>();
        foreach (var sent in history.Sent)
        {
            if (sent.Outcome != SendOutcome.Ok || sent.CameLate || places[sent.Id] < 0)
                continue;
            var logged = truth.Records[places[sent.Id]];
            var key = (sent.Producer, logged.TopicId, logged.Partition);
            if (last.TryGetValue(key, out var before) && before.Offset > logged.Offset)
                violations.Add("P5 order", $"{sent} lies at {logged.Partition}@{logged.Offset}, before {before.Sent.Id} at {before.Offset}");
            else
                last[key] = (sent, logged.Offset);
        }
    }
}
