namespace NetKafka.Protocol;

/// <summary>Copying of bytes whose two places are aligned differently, as records in a batch nearly always are.</summary>
public static class SpanCopy
{
    // Up to here the runtime copies by vector moves of its own. Above it calls the C library, whose choice on many x64
    // processors is one "rep movsb": ten and more times slower if source and destination are not aligned alike.
    const int PieceBytes = 2048;

    /// <summary>
    /// Copies all of the source. As <see cref="ReadOnlySpan{T}.CopyTo"/>, but that the two must not overlap, and that the
    /// speed does not depend on where they lie.
    /// </summary>
    /// <param name="source">The bytes.</param>
    /// <param name="destination">Where they go.</param>
    /// <exception cref="ArgumentException">The destination is shorter than the source; part of it may be written by then.</exception>
    public static void CopyInPieces(this ReadOnlySpan<byte> source, Span<byte> destination)
    {
        while (source.Length > PieceBytes)
        {
            source[..PieceBytes].CopyTo(destination);
            source = source[PieceBytes..];
            destination = destination[PieceBytes..];
        }
        source.CopyTo(destination);
    }

    /// <summary>An array of its own with these bytes, copied as by <see cref="CopyInPieces"/>.</summary>
    /// <param name="source">The bytes.</param>
    public static byte[] ToArrayInPieces(this ReadOnlySpan<byte> source)
    {
        if (source.Length <= PieceBytes) return source.ToArray();
        byte[] copy = GC.AllocateUninitializedArray<byte>(source.Length);
        source.CopyInPieces(copy);
        return copy;
    }
}
