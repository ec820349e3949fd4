using System.Buffers;
using NetKafka.Protocol.Records;

namespace NetKafka.Consuming;

/// <summary>The source of a record that no consumer read: one made by a test or for a test.</summary>
sealed class DetachedSource(string topic, int partition, IReadOnlyList<Header> headers) : RecordSource
{
    public override string Topic => topic;

    public override int Partition => partition;

    public override IReadOnlyList<Header> ReadHeaders(int position, int count) => headers;

    public override Span<byte> GetSpan() => default;

    public override MemoryHandle Pin(int elementIndex = 0) => default;

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
