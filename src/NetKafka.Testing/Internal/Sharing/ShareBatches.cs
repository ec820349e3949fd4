namespace NetKafka.Testing.Internal.Sharing;

/// <summary>The batches of a share partition that are not done with, in the order of their offsets, without overlap.</summary>
sealed class ShareBatches
{
    readonly List<ShareBatch> batches = [];

    internal IReadOnlyList<ShareBatch> All => batches;

    internal bool IsEmpty => batches.Count == 0;

    internal ShareBatch First => batches[0];

    internal ShareBatch Last => batches[^1];

    internal void Add(ShareBatch batch) => batches.Insert(IndexOf(batch.First), batch);

    internal void Clear() => batches.Clear();

    internal void RemoveBefore(long offset) => batches.RemoveRange(0, IndexOf(offset));

    /// <summary>The last batch that begins at an offset or before it; null for none.</summary>
    internal ShareBatch? Floor(long offset)
    {
        var index = IndexOf(offset + 1);
        return index == 0 ? null : batches[index - 1];
    }

    /// <summary>The batch that begins next behind an offset.</summary>
    internal ShareBatch? Higher(long offset)
    {
        var index = IndexOf(offset + 1);
        return index == batches.Count ? null : batches[index];
    }

    /// <summary>The batches that begin between two offsets, both included.</summary>
    internal ShareBatch[] Between(long from, long to)
    {
        var (start, end) = (IndexOf(from), IndexOf(to + 1));
        return start >= end ? [] : [.. batches[start..end]];
    }

    /// <summary>The place of the first batch that begins at an offset or behind it.</summary>
    int IndexOf(long offset)
    {
        int low = 0, high = batches.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (batches[middle].First < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
