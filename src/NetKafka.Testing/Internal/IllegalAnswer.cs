using System.Buffers.Binary;

namespace NetKafka.Testing.Internal;

/// <summary>Answers that no broker would give, each so that a client can tell that it is none.</summary>
static class IllegalAnswer
{
    const int SizeBytes = 4;
    const int HeadBytes = 8;
    const int OtherCorrelation = 0x5A5A5A;

    /// <param name="answer">The answer, its size before it.</param>
    /// <param name="which">Which of the ways, and where.</param>
    internal static byte[] Of(ReadOnlySpan<byte> answer, int which)
    {
        switch (which % 4)
        {
            case 0:
                // A body that ends too early, in a frame that is whole.
                var cut = answer[..(HeadBytes + (which / 4 % Math.Max(1, answer.Length - HeadBytes)))].ToArray();
                BinaryPrimitives.WriteInt32BigEndian(cut, cut.Length - SizeBytes);
                return cut;
            case 1:
                var other = answer.ToArray();
                BinaryPrimitives.WriteInt32BigEndian(other.AsSpan(SizeBytes), BinaryPrimitives.ReadInt32BigEndian(other.AsSpan(SizeBytes)) ^ OtherCorrelation);
                return other;
            default:
                var sized = answer.ToArray();
                BinaryPrimitives.WriteInt32BigEndian(sized, which % 4 == 2 ? -sized.Length : int.MaxValue - (which / 4 % 100));
                return sized;
        }
    }
}
