using System.Buffers;
using NetKafka.Consuming;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// Fetched bytes as the application sees them. Once the reader has gone on the buffer serves others, so every access asks
/// first whether it is still alive. It is the one object that a fetch of a partition costs, and so has no field too many.
/// </summary>
sealed class FetchedSource(AssignedPartition owner, byte[] array, int start, int length) : RecordSource
{
    volatile bool _isOver;

    public override string Topic => owner.Partition.Topic;

    public override int Partition => owner.Partition.Partition;

    public byte[] Array => array;

    public int Start => start;

    public int Length => length;

    public ReadOnlySpan<byte> Bytes => array.AsSpan(start, length);

    /// <summary>The bytes go back to their pool: whoever still holds a view of them is told.</summary>
    public void End() => _isOver = true;

    public override Span<byte> GetSpan()
    {
        Check();
        return array.AsSpan(start, length);
    }

    public override IReadOnlyList<Header> ReadHeaders(int position, int count)
    {
        Check();
        return count == 0 ? [] : RecordSlice.ReadHeaders(Memory, position, count);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        Check();
        return array.AsMemory(start + elementIndex).Pin();
    }

    public override void Unpin()
    {
    }

    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        Check();
        segment = new ArraySegment<byte>(array, start, length);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
    }

    void Check()
    {
        if (_isOver)
        {
            throw new InvalidOperationException(
                "A key, value or header was used after the loop had asked for the next record or batch. Copy what must last "
                    + "longer "
                + "(ToArray), or read byte[].");
        }
    }
}
