using System.Buffers.Binary;

namespace NetKafka.Testing.Internal;

/// <summary>Bytes of one connection that are not yet handled. It grows by what arrives, never by what a frame promises.</summary>
sealed class InputBuffer(int maxFrameBytes)
{
    const int FrameHeader = 4;
    const int IdleRoom = 64 * 1024;
    byte[] bytes = [];
    int start;
    int end;

    internal int Length => end - start;

    /// <summary>Whether more bytes are of use before the first frame is handled.</summary>
    internal bool WantsMore => Length < IdleRoom || !TryPeekFrame(out _, out _);

    internal void Append(ReadOnlySpan<byte> data)
    {
        if (bytes.Length - end < data.Length)
            MakeRoom(data.Length);
        data.CopyTo(bytes.AsSpan(end));
        end += data.Length;
    }

    /// <summary>
    /// The next whole frame without its length. <paramref name="isBad"/> says that the length can be none: the connection is
    /// lost then. The memory is valid until the next append.
    /// </summary>
    internal bool TryPeekFrame(out ReadOnlyMemory<byte> frame, out bool isBad)
    {
        frame = default;
        isBad = false;
        if (Length < FrameHeader)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(start));
        isBad = length < 0 || length > maxFrameBytes;
        if (isBad || Length - FrameHeader < length)
            return false;
        frame = bytes.AsMemory(start + FrameHeader, length);
        return true;
    }

    /// <summary>How many whole frames are here.</summary>
    internal int CountFrames()
    {
        var count = 0;
        for (var at = start; end - at >= FrameHeader; count++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            if (length < 0 || end - at - FrameHeader < length)
                break;
            at += FrameHeader + length;
        }
        return count;
    }

    internal void Drop(ReadOnlyMemory<byte> frame)
    {
        start += FrameHeader + frame.Length;
        if (start == end)
            start = end = 0;
    }

    internal void Clear()
    {
        bytes = [];
        start = end = 0;
    }

    void MakeRoom(int count)
    {
        var needed = Length + count;
        var target = needed <= bytes.Length ? bytes : new byte[Math.Max(needed, Math.Max(1024, 2 * bytes.Length))];
        bytes.AsSpan(start, Length).CopyTo(target);
        (bytes, end, start) = (target, Length, 0);
    }
}
