using System.Buffers;
using NetKafka.Protocol.Records;

namespace NetKafka.Consuming;

/// <summary>Where records lie: bytes of one partition, alive until the reader has gone on.</summary>
abstract class RecordSource : MemoryManager<byte>
{
    public abstract string Topic { get; }

    public abstract int Partition { get; }

    /// <summary>Part of the bytes; each access checks that they are still alive.</summary>
    public ReadOnlyMemory<byte> Slice(int start, int length) => CreateMemory(start, length);

    /// <summary>The headers that start at a place of the bytes.</summary>
    /// <exception cref="InvalidOperationException">The reader has gone on.</exception>
    public abstract IReadOnlyList<Header> ReadHeaders(int position, int count);
}
