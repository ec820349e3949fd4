using NetKafka.Protocol;

namespace NetKafka.Internal.Kernel;

/// <summary>
/// Bytes on their way to one broker: what was written into a buffer of its own, with large pieces that lie elsewhere put
/// in between by reference. Filled by a connection while it is not lent to the transport.
/// </summary>
sealed class SendBuffer(int initialBytes)
{
    readonly List<Borrowed> _borrowed = [];

    /// <summary>The bytes written here.</summary>
    public KafkaWriter Writer { get; } = new(initialBytes);

    /// <summary>The bytes to send, those that lie elsewhere included.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>The bytes of <see cref="TotalBytes"/> that lie elsewhere.</summary>
    public long BorrowedBytes { get; private set; }

    public bool IsEmpty => Writer.Length == 0;

    /// <summary>Puts bytes at this place without copying them. They must stay unchanged until the buffer was sent or dropped.</summary>
    public void Borrow(ArraySegment<byte> bytes)
    {
        _borrowed.Add(new Borrowed(Writer.Length, bytes));
        BorrowedBytes += bytes.Count;
    }

    /// <summary>The pieces in the order of the wire. The list is the caller's and is cleared first.</summary>
    public void CopySegmentsTo(List<ArraySegment<byte>> segments)
    {
        segments.Clear();
        var own = Writer.GetBuffer();
        var position = 0;
        foreach (var piece in _borrowed)
        {
            if (piece.Position > position)
                segments.Add(new ArraySegment<byte>(own, position, piece.Position - position));
            if (piece.Bytes.Count > 0)
                segments.Add(piece.Bytes);
            position = piece.Position;
        }
        if (Writer.Length > position)
            segments.Add(new ArraySegment<byte>(own, position, Writer.Length - position));
    }

    /// <summary>Fixes the number of bytes; called once the buffer is full and before it is lent.</summary>
    public void Complete() => TotalBytes = Writer.Length + BorrowedBytes;

    /// <summary>Takes back everything from a place on, borrowed bytes included.</summary>
    public void TruncateTo(int position)
    {
        Writer.Truncate(position);
        while (_borrowed.Count > 0 && _borrowed[^1].Position > position)
        {
            BorrowedBytes -= _borrowed[^1].Bytes.Count;
            _borrowed.RemoveAt(_borrowed.Count - 1);
        }
    }

    public void Reset()
    {
#if NETKAFKA_CHECKED
        // Who still sends them sends what no checksum fits.
        Writer.GetBuffer().AsSpan(0, Writer.Length).Fill(0xDB);
#endif
        Writer.Reset();
        _borrowed.Clear();
        TotalBytes = 0;
        BorrowedBytes = 0;
    }

    readonly record struct Borrowed(int Position, ArraySegment<byte> Bytes);
}
