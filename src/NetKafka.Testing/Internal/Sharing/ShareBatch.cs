namespace NetKafka.Testing.Internal.Sharing;

/// <summary>
/// Neighbouring offsets that were acquired together. They have one fate until something is done to a part of them; from then on each
/// has its own.
/// </summary>
sealed class ShareBatch(long first, long last, Delivery whole)
{
    Delivery[]? each;

    internal long First { get; } = first;

    internal long Last { get; } = last;

    internal long Count => Last - First + 1;

    /// <summary>The fate of all; null once each has its own.</summary>
    internal Delivery? Whole { get; private set; } = whole;

    internal Delivery At(long offset) => Whole ?? each![offset - First];

    internal void Split()
    {
        if (Whole is null)
            return;
        each = new Delivery[Count];
        for (var i = 0; i < each.Length; i++)
            each[i] = Whole.Copy();
        Whole = null;
    }

    /// <summary>The whole, or offset by offset.</summary>
    internal IEnumerable<(long First, long Last, Delivery Delivery)> Parts()
    {
        if (Whole is not null)
            return [(First, Last, Whole)];
        return each!.Select((delivery, i) => (First + i, First + i, delivery));
    }

    /// <summary>The parts between two offsets; the whole counts where it has any of them.</summary>
    internal IEnumerable<(long First, long Last, Delivery Delivery)> Parts(long from, long to) =>
        Parts().Where(part => part.Last >= from && part.First <= to);

    internal bool IsWithin(long from, long to) => First >= from && Last <= to;
}
