namespace NetKafka.Protocol;

public ref partial struct KafkaReader
{
    /// <summary>Reads an unsigned varint of at most 5 bytes.</summary>
    /// <returns>The value.</returns>
    public uint ReadUnsignedVarint()
    {
        if (_position < _limit && _span[_position] < 0x80)
        {
            return _span[_position++];
        }
        return ReadLongUnsignedVarint();
    }

    /// <summary>Reads a zigzag varint of at most 5 bytes.</summary>
    /// <returns>The value.</returns>
    public int ReadVarint()
    {
        uint raw = ReadUnsignedVarint();
        return (int)(raw >> 1) ^ -(int)(raw & 1);
    }

    /// <summary>Reads a zigzag varint of at most 10 bytes.</summary>
    /// <returns>The value.</returns>
    public long ReadVarlong()
    {
        ulong raw = 0;
        for (int shift = 0; ; shift += 7)
        {
            Need(1);
            byte next = _span[_position];
            if (shift == 63 && next > 1)
            {
                Fail("a varint does not fit 64 bits");
            }
            _position++;
            raw |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)(raw >> 1) ^ -(long)(raw & 1);
            }
        }
    }

    uint ReadLongUnsignedVarint()
    {
        uint value = 0;
        for (int shift = 0; ; shift += 7)
        {
            Need(1);
            byte next = _span[_position];
            if (shift == 28 && next > 0x0f)
            {
                Fail("a varint does not fit 32 bits");
            }
            _position++;
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
