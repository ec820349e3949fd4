using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>A record whose key or value is waited for, and where it lies.</summary>
abstract class PendingRecord(ChunkReader batch, in RecordSlice slice)
{
    readonly RecordSlice _slice = slice;

    public TopicPartition Partition { get; } = batch.Chunk!.Owner.Partition;

    /// <summary>The bytes of its batch.</summary>
    public FetchedSource Source { get; } = batch.Source;

    /// <summary>Where in them the records begin.</summary>
    public int BodyStart { get; } = batch.BodyStart;

    /// <summary>Where among these it lies.</summary>
    public ref readonly RecordSlice Slice => ref _slice;
}
