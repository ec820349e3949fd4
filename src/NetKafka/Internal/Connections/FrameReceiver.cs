using System.Buffers.Binary;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Connections;

/// <summary>
/// Cuts the bytes of a connection into frames. Small frames are read where they arrived. A large one gets a buffer of its
/// own: at once where its size is what was asked for, else growing as its bytes arrive, since a length alone is a broker's
/// word. Sequence of calls: <see cref="NextBuffer"/>, <see cref="Advance"/>, <see cref="TryTakeFrame"/> until it has none.
/// </summary>
sealed class FrameReceiver(SlabPool pool, int maxFrameBytes)
{
    const int SizeBytes = 4;
    const int MinFrameBytes = 4;
    const int SmallBufferBytes = 16 * 1024;
    const int FirstGrowthBytes = 64 * 1024;

    readonly byte[] _small = new byte[SmallBufferBytes];
    int _smallStart;
    int _smallEnd;
    Lease? _large;
    int _largeSize;
    int _largeFilled;

    /// <summary>Where the next bytes go. Lent until <see cref="Advance"/>.</summary>
    public ArraySegment<byte> NextBuffer()
    {
        if (_large is not null)
        {
            if (_largeFilled == _large.Array.Length)
                GrowLarge();
            return new ArraySegment<byte>(_large.Array, _largeFilled, Math.Min(_large.Array.Length, _largeSize) - _largeFilled);
        }
        if (_smallStart > 0)
        {
            _small.AsSpan(_smallStart, _smallEnd - _smallStart).CopyTo(_small);
            _smallEnd -= _smallStart;
            _smallStart = 0;
        }
        return new ArraySegment<byte>(_small, _smallEnd, _small.Length - _smallEnd);
    }

    public void Advance(int count)
    {
        if (_large is not null)
            _largeFilled += count;
        else
            _smallEnd += count;
    }

    /// <summary>The next whole frame, without its size.</summary>
    /// <param name="expectedBytes">How large the next answer may be to be received in one piece.</param>
    /// <param name="frame">The frame. Without a lease it is valid until the next call of this object.</param>
    /// <param name="lease">The buffer of a large frame, which the caller gives back; else null.</param>
    /// <exception cref="InvalidDataException">The size cannot be one.</exception>
    public bool TryTakeFrame(int expectedBytes, out ReadOnlyMemory<byte> frame, out Lease? lease)
    {
        frame = default;
        lease = null;
        if (_large is not null)
        {
            if (_largeFilled < _largeSize)
                return false;
            (lease, _large) = (_large, null);
            frame = lease.Array.AsMemory(0, _largeSize);
            return true;
        }
        var available = _smallEnd - _smallStart;
        if (available < SizeBytes)
            return false;
        var size = BinaryPrimitives.ReadInt32BigEndian(_small.AsSpan(_smallStart));
        if (size < MinFrameBytes || size > maxFrameBytes)
            throw new InvalidDataException(DescribeBadSize(size));
        if (available - SizeBytes >= size)
        {
            frame = _small.AsMemory(_smallStart + SizeBytes, size);
            _smallStart += SizeBytes + size;
            return true;
        }
        if (size + SizeBytes > _small.Length)
            BeginLarge(size, expectedBytes);
        return false;
    }

    /// <summary>Whether a whole frame, or as much of one as can be received without taking it, is here.</summary>
    public bool HasFrame
    {
        get
        {
            if (_large is not null)
                return _largeFilled == _largeSize;
            var available = _smallEnd - _smallStart;
            return available >= SizeBytes && available - SizeBytes >= Math.Min(
                BinaryPrimitives.ReadInt32BigEndian(_small.AsSpan(_smallStart)), _small.Length - SizeBytes);
        }
    }

    /// <summary>Forgets what was received, before a new connection or after the last one.</summary>
    public void Reset()
    {
        _smallStart = _smallEnd = 0;
        _large?.Release();
        _large = null;
    }

    void BeginLarge(int size, int expectedBytes)
    {
        _large = pool.Rent(size <= expectedBytes ? size : Math.Min(size, FirstGrowthBytes));
        _largeSize = size;
        _largeFilled = _smallEnd - _smallStart - SizeBytes;
        _small.AsSpan(_smallStart + SizeBytes, _largeFilled).CopyTo(_large.Array);
        _smallStart = _smallEnd = 0;
    }

    void GrowLarge()
    {
        var grown = pool.Rent((int)Math.Min(_largeSize, 2L * _large!.Array.Length));
        _large.Array.AsSpan(0, _largeFilled).CopyTo(grown.Array);
        _large.Release();
        _large = grown;
    }

    string DescribeBadSize(int size)
    {
        var head = _small.AsSpan(_smallStart, Math.Min(5, _smallEnd - _smallStart));
        if (head.StartsWith("HTTP"u8))
            return "the answer begins with \"HTTP\": this is an HTTP server, not a Kafka listener; check the port in BootstrapServers";
        if (head is [0x15 or 0x16, 0x03, ..])
            return "the answer is a TLS record: the listener wants TLS, and this connection is plain text";
        return size < 0 || size < MinFrameBytes
            ? $"an answer claims a size of {size} bytes (first bytes: {Convert.ToHexString(head)}); the peer does not speak Kafka, or the stream is out of step"
            : $"an answer claims a size of {size} bytes, above MaxResponseBytes ({maxFrameBytes}); raise it if such answers are expected";
    }
}
