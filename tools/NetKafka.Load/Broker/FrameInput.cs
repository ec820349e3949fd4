using System.Buffers.Binary;
using System.Net.Sockets;

namespace NetKafka.Load.Broker;

/// <summary>Reads requests from a blocking socket as far as they have to be read; the rest is dropped in the kernel.</summary>
sealed class FrameInput(Socket socket)
{
    // Small, since of a Produce only what this takes is copied.
    readonly byte[] _buffer = new byte[16 * 1024];
    int _start;
    int _end;

    /// <summary>How many bytes of the frame were not read yet.</summary>
    public int Left { get; private set; }

    /// <summary>Begins the next frame; what is left of the last one is dropped.</summary>
    /// <returns>False if the peer has closed the connection.</returns>
    public bool TryBegin()
    {
        Skip(Left);
        Left = 4;
        if (!TryFill(4))
            return false;
        var size = ReadInt32();
        if (size < 8)
            throw new InvalidDataException($"A frame of {size} bytes is none.");
        Left = size;
        return true;
    }

    public byte ReadByte() => Take(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public int ReadUnsignedVarint()
    {
        var value = 0;
        for (var shift = 0; shift < 32; shift += 7)
        {
            var part = ReadByte();
            value |= (part & 0x7f) << shift;
            if ((part & 0x80) == 0)
                return value;
        }
        throw new InvalidDataException("A varint has no end.");
    }

    /// <summary>The next bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Left)
            throw new InvalidDataException($"A field of {count} bytes does not fit into the {Left} that are left of its frame.");
        if (!TryFill(count))
            throw new EndOfStreamException();
        var taken = _buffer.AsSpan(_start, count);
        _start += count;
        Left -= count;
        return taken;
    }

    /// <summary>Copies the next bytes.</summary>
    public void Read(Span<byte> target)
    {
        if (target.Length > Left)
            throw new InvalidDataException($"{target.Length} bytes are asked of a frame that has {Left} left.");
        Left -= target.Length;
        var buffered = Math.Min(_end - _start, target.Length);
        _buffer.AsSpan(_start, buffered).CopyTo(target);
        _start += buffered;
        for (target = target[buffered..]; target.Length > 0;)
        {
            var count = socket.Receive(target);
            if (count == 0)
                throw new EndOfStreamException();
            target = target[count..];
        }
    }

    /// <summary>Drops the next bytes.</summary>
    public void Skip(int count)
    {
        if (count < 0 || count > Left)
            throw new InvalidDataException($"{count} bytes cannot be skipped of {Left}.");
        Left -= count;
        var buffered = Math.Min(_end - _start, count);
        _start += buffered;
        for (count -= buffered; count > 0;)
        {
            var dropped = OperatingSystem.IsLinux()
                ? (int)LibC.Discard(socket.Handle, count)
                : socket.Receive(_buffer, Math.Min(count, _buffer.Length), SocketFlags.None);
            if (dropped <= 0)
                throw new EndOfStreamException();
            count -= dropped;
        }
    }

    bool TryFill(int count)
    {
        if (_end - _start >= count)
            return true;
        if (count > _buffer.Length)
            throw new InvalidDataException($"A field of {count} bytes is too long to be looked at.");
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < count)
        {
            var received = socket.Receive(_buffer, _end, _buffer.Length - _end, SocketFlags.None);
            if (received == 0)
                return false;
            _end += received;
        }
        return true;
    }
}
