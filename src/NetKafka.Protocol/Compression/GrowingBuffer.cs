using System.Buffers;

namespace NetKafka.Protocol.Compression;

/// <summary>
/// A byte buffer that grows as it is written and keeps its memory when cleared, so that reusing it costs nothing. Not
/// thread-safe: one owner at a time.
/// </summary>
public sealed class GrowingBuffer : IBufferWriter<byte>
{
    const int SmallestCapacity = 4 * 1024;

    byte[] _bytes;

    /// <summary>Creates an empty buffer.</summary>
    /// <param name="capacity">How many bytes it can take before it first grows; 0 to allocate on the first write.</param>
    public GrowingBuffer(int capacity = 0) =>
        _bytes = capacity == 0 ? [] : GC.AllocateUninitializedArray<byte>(capacity);

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>How many bytes can be written before the buffer grows.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>The written bytes; valid until the next write or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, Length);

    /// <summary>The written bytes; valid until the next write or <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>
    /// The written bytes with the array that holds them; valid until the next write or <see cref="Clear"/>.
    /// </summary>
    public ArraySegment<byte> WrittenSegment => new(_bytes, 0, Length);

    internal Span<byte> WritableSpan => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    /// <summary>Appends bytes.</summary>
    /// <param name="source">The bytes to copy.</param>
    public void Write(ReadOnlySpan<byte> source)
    {
        EnsureFree(source.Length);
        source.CopyInPieces(_bytes.AsSpan(Length));
        Length += source.Length;
    }

    void EnsureFree(int size)
    {
        if (_bytes.Length - Length < size) Grow(size);
    }

    void Grow(int size)
    {
        long needed = (long)Length + size;
        if (needed > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"A buffer cannot grow to {needed} bytes: an array holds at most {Array.MaxLength}.");
        }

        long doubled = Math.Max(SmallestCapacity, 2L * _bytes.Length);
        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(doubled, needed, Array.MaxLength));
        WrittenSpan.CopyTo(larger);
        _bytes = larger;
    }
}
