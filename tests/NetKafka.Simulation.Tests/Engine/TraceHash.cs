using System.Buffers.Binary;
using System.Numerics;

namespace NetKafka.Simulation.Tests.Engine;

/// <summary>
/// A number that stands for everything that happened in a run, in order: two runs of one seed must agree on it, in one
/// process or two.
/// </summary>
sealed class TraceHash
{
    const ulong Multiplier = 0x9E3779B97F4A7C15;

    public ulong Value { get; private set; } = Multiplier;

    public void Mix(long number) => Value = BitOperations.RotateLeft((Value ^ (ulong)number) * Multiplier, 29);

    public void Mix(ReadOnlySpan<byte> bytes)
    {
        Mix(bytes.Length);
        for (; bytes.Length >= sizeof(long); bytes = bytes[sizeof(long)..])
            Mix(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        foreach (var last in bytes)
            Mix(last);
    }
}
