namespace NetKafka.Protocol.Tests.Messages;

enum MutationKind
{
    FlipBit,
    SetByte,
    Cut,
    Insert,
    Remove,
    Repeat,
    MaxInt32,
    MaxVarint,
    SwapEnds,
}

/// <summary>One way to spoil a frame; places are taken modulo its length, so each fits any frame.</summary>
sealed record Mutation(MutationKind Kind, int Place, byte Value, int Length)
{
    public byte[] Apply(byte[] frame)
    {
        if (frame.Length == 0)
        {
            return [Value];
        }
        int at = Place % frame.Length;
        int length = Math.Min(Length, frame.Length - at);
        byte[] copy = [.. frame];
        switch (Kind)
        {
            case MutationKind.FlipBit:
                copy[at] ^= (byte)(1 << (Value % 8));
                return copy;
            case MutationKind.SetByte:
                copy[at] = Value;
                return copy;
            case MutationKind.Cut:
                return copy[..at];
            case MutationKind.Insert:
                return [.. copy[..at], .. Enumerable.Repeat(Value, Length), .. copy[at..]];
            case MutationKind.Remove:
                return [.. copy[..at], .. copy[(at + length)..]];
            case MutationKind.Repeat:
                return [.. copy[..at], .. copy.AsSpan(at, length), .. copy[at..]];
            case MutationKind.MaxInt32:
                return Overwrite(copy, at, [0x7f, 0xff, 0xff, 0xff]);
            case MutationKind.MaxVarint:
                return Overwrite(copy, at, [0xff, 0xff, 0xff, 0xff, 0x07]);
            default:
                return [.. copy[at..], .. copy[..at]];
        }
    }

    static byte[] Overwrite(byte[] frame, int at, ReadOnlySpan<byte> bytes)
    {
        bytes[..Math.Min(bytes.Length, frame.Length - at)].CopyTo(frame.AsSpan(at));
        return frame;
    }
}
