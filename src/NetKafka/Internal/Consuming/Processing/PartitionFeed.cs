using NetKafka.Internal.Consuming.Reading;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>How far a runner has read a partition: the chunk, the batch and the record where it goes on once there is room.</summary>
sealed class PartitionFeed(ChunkReader chunks)
{
    RecordCursor _cursor;

    public ChunkReader Chunks => chunks;

    /// <summary>Ends the tokens of its handlers.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The open batch, kept for its records; null between batches.</summary>
    public HeldBatch? Batch { get; set; }

    public ref RecordCursor Cursor => ref _cursor;
}
