namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>Acknowledgements of one kind, of offsets in a row, on their way to a broker.</summary>
/// <param name="Batch">What was acquired with them.</param>
/// <param name="Index">Where they begin in it.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Type">What is said of them, as on the wire.</param>
readonly record struct SentRange(AcquiredBatch Batch, int Index, int Count, sbyte Type)
{
    public long FirstOffset => Batch.OffsetOf(Index);

    public long LastOffset => Batch.OffsetOf(Index) + Count - 1;
}
