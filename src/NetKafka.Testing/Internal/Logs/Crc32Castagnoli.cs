using System.Buffers.Binary;
using System.Numerics;

namespace NetKafka.Testing.Internal.Logs;

/// <summary>CRC-32C by the processor's own instruction, apart from the client's, so that a mistake there shows here.</summary>
static class Crc32Castagnoli
{
    internal static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
