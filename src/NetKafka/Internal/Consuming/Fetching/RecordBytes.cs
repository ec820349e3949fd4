using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>Keeps the records of an answer for longer than the answer itself.</summary>
static class RecordBytes
{
    /// <summary>Where the bytes lie for longer: in the answer's own buffer, or in one copy of a small answer.</summary>
    /// <param name="records">Part of the answer.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="pool">Where the copy comes from.</param>
    /// <param name="copy">The copy, made by the first call that needs it. Its first share is the caller's to give back.</param>
    public static (Lease Lease, int Start) Hold(ReadOnlyMemory<byte> records, in Answer answer, SlabPool pool, ref Lease? copy)
    {
        if (answer.Lease is { } lease)
            return (lease, OffsetIn(records.Span, lease.Array));
        if (copy is null)
        {
            copy = pool.Rent(answer.Body.Length);
            answer.Body.Span.CopyInPieces(copy.Array);
        }
        return (copy, OffsetIn(records.Span, answer.Body.Span));
    }

    static int OffsetIn(ReadOnlySpan<byte> part, ReadOnlySpan<byte> whole)
    {
        whole.Overlaps(part, out var offset);
        return offset;
    }
}
