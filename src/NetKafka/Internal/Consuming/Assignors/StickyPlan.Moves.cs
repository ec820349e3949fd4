using System.Diagnostics.CodeAnalysis;
using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <content>The steps from one plan to a better one.</content>
sealed partial class StickyPlan
{
    void LevelByMoves(bool alsoKept)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var share in _shares.OrderByDescending(share => share.Load).ThenBy(share => share.Member, MemberOrder.Instance).ToList())
            {
                while (TryFindMove(share, alsoKept, out var index, out var receiver))
                {
                    receiver.Add(share.GiveAt(index));
                    moved = true;
                }
            }
        }
    }

    /// <summary>
    /// The move that helps most, to a member that has at least two fewer: by racks, then of what this member did not have before, then to
    /// the least loaded.
    /// </summary>
    bool TryFindMove(StickyShare share, bool alsoKept, out int index, [NotNullWhen(true)] out StickyShare? receiver)
    {
        (index, receiver) = (-1, null);
        (int Mismatches, int Kept, int Load) best = (int.MaxValue, 0, 0);
        for (var i = share.Load - 1; i >= 0; i--)
        {
            var partition = share.Partitions[i];
            var kept = share.Had(partition) ? 1 : 0;
            if (kept > 0 && !alsoKept)
                continue;
            foreach (var reader in _readers[partition.Topic])
            {
                if (reader.Load + 1 >= share.Load)
                    continue;
                var cost = (Mismatches(reader, partition) - Mismatches(share, partition), kept, reader.Load);
                if (cost.CompareTo(best) < 0)
                    (best, index, receiver) = (cost, i, reader);
            }
        }
        return receiver is not null;
    }

    /// <summary>
    /// Moves partitions along chains of members, each of which passes another one on, until no chain leads from one member to another that has
    /// at least two fewer: then nothing could be more even (the optimal semi-matching of Harvey and others).
    /// </summary>
    void LevelByPaths(bool alsoKept)
    {
        // From where a search has come nowhere, and where that search has been, no other search has to begin again.
        var settled = new HashSet<StickyShare>();
        var queue = _shares.OrderByDescending(share => share.Load).ThenBy(share => share.Member, MemberOrder.Instance).ToList();
        for (var at = 0; at < queue.Count; at++)
        {
            if (queue[at].Load <= queue[^1].Load + 1)
                return;
            if (settled.Contains(queue[at]) || !TryShift(queue[at], settled, alsoKept))
                continue;
            settled.Clear();
            queue = [.. queue.OrderByDescending(share => share.Load).ThenBy(share => share.Member, MemberOrder.Instance)];
            at = -1;
        }
    }

    /// <summary>Looks for the shortest chain that begins here, and follows it.</summary>
    bool TryShift(StickyShare first, HashSet<StickyShare> settled, bool alsoKept)
    {
        var cameFrom = new Dictionary<StickyShare, (StickyShare Giver, TopicPartition Partition)>();
        var seenTopics = new HashSet<string>();
        var queue = new Queue<StickyShare>([first]);
        List<StickyShare> seen = [first];
        while (queue.TryDequeue(out var giver))
        {
            for (var i = giver.Load - 1; i >= 0; i--)
            {
                var partition = giver.Partitions[i];
                // Its readers are seen already if another partition of its topic was.
                if ((giver.Had(partition) && !alsoKept) || !seenTopics.Add(partition.Topic))
                    continue;
                foreach (var reader in _readers[partition.Topic])
                {
                    if (reader == first || !cameFrom.TryAdd(reader, (giver, partition)))
                        continue;
                    if (reader.Load + 1 < first.Load)
                    {
                        Shift(reader, first, cameFrom);
                        return true;
                    }
                    seen.Add(reader);
                    queue.Enqueue(reader);
                }
            }
        }
        settled.UnionWith(seen);
        return false;
    }

    static void Shift(StickyShare last, StickyShare first, Dictionary<StickyShare, (StickyShare Giver, TopicPartition Partition)> cameFrom)
    {
        for (var receiver = last; receiver != first;)
        {
            var (giver, partition) = cameFrom[receiver];
            receiver.Add(giver.GiveAt(giver.Partitions.LastIndexOf(partition)));
            receiver = giver;
        }
    }

    /// <summary>Moves partitions into the racks of their readers; the loads are the same afterwards, perhaps with other members.</summary>
    void MatchRacks(RackMatching racks, bool alsoKept)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var share in _shares)
            {
                for (var i = share.Load - 1; i >= 0; i--)
                {
                    var partition = share.Partitions[i];
                    if (!racks.IsMismatch(share.Member, partition) || (share.Had(partition) && !alsoKept))
                        continue;
                    if (TryPass(share, i, racks) || TryExchange(share, i, racks, alsoKept))
                        moved = true;
                }
            }
        }
    }

    /// <summary>To a member that has one less.</summary>
    bool TryPass(StickyShare share, int index, RackMatching racks)
    {
        var partition = share.Partitions[index];
        var receiver = _readers[partition.Topic].Find(reader => reader.Load + 1 == share.Load && !racks.IsMismatch(reader.Member, partition));
        if (receiver is null)
            return false;
        receiver.Add(share.GiveAt(index));
        return true;
    }

    /// <summary>For a partition of another member that matches here as well as there; rather one that it did not have before.</summary>
    bool TryExchange(StickyShare share, int index, RackMatching racks, bool alsoKept)
    {
        var partition = share.Partitions[index];
        (int Mismatches, int Kept) best = (1, 0);
        (StickyShare Share, int Index)? other = null;
        foreach (var reader in _readers[partition.Topic])
        {
            if (reader == share || racks.IsMismatch(reader.Member, partition))
                continue;
            for (var i = reader.Load - 1; i >= 0; i--)
            {
                var offered = reader.Partitions[i];
                if (!share.Reads(offered.Topic) || (reader.Had(offered) && !alsoKept))
                    continue;
                var cost = (Mismatches(share, offered) - Mismatches(reader, offered), reader.Had(offered) ? 1 : 0);
                if (cost.CompareTo(best) < 0)
                    (best, other) = (cost, (reader, i));
            }
        }
        if (other is not { } found)
            return false;
        var taken = found.Share.GiveAt(found.Index);
        found.Share.Add(share.GiveAt(index));
        share.Add(taken);
        return true;
    }
}
