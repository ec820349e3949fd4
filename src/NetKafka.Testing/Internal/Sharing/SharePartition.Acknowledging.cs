using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Sharing;

/// <content>What members say of the records that they have.</content>
sealed partial class SharePartition
{
    bool MayRenew => cluster.GroupConfigs.Value(groupId, GroupConfigNames.ShareRenewAcknowledgeEnable) == "true";

    /// <summary>Takes all acknowledgements or none. A lock that is renewed stays so even where another of them is refused.</summary>
    internal AcknowledgeResult Acknowledge(string memberId, IEnumerable<Acknowledgement> all, long nowMs)
    {
        var planned = new List<(long First, long Last, Delivery Delivery)>();
        var result = AcknowledgeResult.Done;
        foreach (var acknowledgement in all)
        {
            // What is below was given up since.
            if (acknowledgement.Last < StartOffset)
                continue;
            result = Plan(memberId, acknowledgement, planned, nowMs);
            if (!result.IsDone)
                break;
        }

        if (result.IsDone && planned.Count > 0)
            result = Complete(planned, nowMs);
        foreach (var (_, _, delivery) in planned)
            delivery.Planned = null;
        return result;
    }

    AcknowledgeResult Complete(List<(long First, long Last, Delivery Delivery)> planned, long nowMs)
    {
        if (fencedBy != ErrorCode.None)
        {
            if (fencedBy == ErrorCode.NotLeaderOrFollower)
                Drop();
            return new AcknowledgeResult(fencedBy, "What is persisted of the share partition was set anew or deleted.");
        }

        SaveStart();
        foreach (var (first, last, delivery) in planned)
        {
            if (delivery.Planned == RecordState.Available)
                delivery.Release(DeliveryLimit);
            else
                delivery.Become(delivery.Planned!.Value);
            Save(first, last, delivery);
        }

        Advance();
        ClusterState.NotifyWaiters(Partition, nowMs);
        return AcknowledgeResult.Done;
    }

    AcknowledgeResult Plan(
        string memberId, in Acknowledgement acknowledgement, List<(long First, long Last, Delivery Delivery)> planned, long nowMs)
    {
        var (first, last, types) = acknowledgement;
        var floor = batches.Floor(first);
        if (floor is null && first < StartOffset && last >= StartOffset)
            floor = batches.Floor(StartOffset);
        if (floor is null)
            return AcknowledgeResult.InvalidState("Batch record not found. Nothing was acquired at these offsets.");
        var known = batches.Between(floor.First, last);
        if (known[^1].Last < first || last > known[^1].Last)
            return AcknowledgeResult.InvalidRequest("Batch record not found. The offsets are past the acquired records.");
        foreach (var batch in known)
        {
            if (batch.Last < StartOffset)
                continue;
            if (batch.Whole is { } whole)
            {
                if (!whole.IsHeldBy(memberId) || whole.Planned is not null)
                    return AcknowledgeResult.InvalidState("The batch cannot be acknowledged. The member does not have it.");
                if (!batch.IsWithin(first, last) || types.Length > 1 || IsStartInside(batch))
                    batch.Split();
            }

            var result = PlanParts(memberId, acknowledgement, batch, planned, nowMs);
            if (!result.IsDone)
                return result;
        }

        return AcknowledgeResult.Done;
    }

    AcknowledgeResult PlanParts(
        string memberId, in Acknowledgement acknowledgement, ShareBatch batch, List<(long First, long Last, Delivery Delivery)> planned,
        long nowMs)
    {
        foreach (var (first, last, delivery) in batch.Parts(Math.Max(acknowledgement.First, StartOffset), acknowledgement.Last))
        {
            if (!delivery.IsHeldBy(memberId) || delivery.Planned is not null)
                return AcknowledgeResult.InvalidState("The offset cannot be acknowledged. The member does not have it.");
            var type = acknowledgement.TypeAt(Math.Max(first, acknowledgement.First));
            if (type == Acknowledgement.Renew)
            {
                if (!MayRenew)
                    return AcknowledgeResult.InvalidState("Renewing locks is not enabled for the group.");
                delivery.LockedUntilMs = nowMs + LockDurationMs;
                continue;
            }

            delivery.Planned = StateAfter(type);
            planned.Add((first, last, delivery));
        }

        return AcknowledgeResult.Done;
    }

    static RecordState StateAfter(sbyte type) => type switch
    {
        Acknowledgement.Accept => RecordState.Acknowledged,
        Acknowledgement.Release => RecordState.Available,
        _ => RecordState.Archived,
    };
}
