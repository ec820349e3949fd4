using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Buffers that keys and values are serialised into, before they are copied into their batch. One is kept for about each
/// processor. Safe from any thread.
/// </summary>
sealed class ScratchPool
{
    const int LargestKeptBytes = 1024 * 1024;

    readonly GrowingBuffer?[] _kept = new GrowingBuffer?[Math.Max(4, 2 * Environment.ProcessorCount)];

    public GrowingBuffer Rent()
    {
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.Exchange(ref _kept[(start + i) % _kept.Length], null) is { } buffer)
                return buffer;
        }
        return new GrowingBuffer(1024);
    }

    public void Return(GrowingBuffer buffer)
    {
        if (buffer.Capacity > LargestKeptBytes)
            return;
        buffer.Clear();
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[(start + i) % _kept.Length], buffer, null) is null)
                return;
        }
    }
}
