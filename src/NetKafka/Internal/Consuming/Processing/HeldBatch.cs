using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>
/// The bytes of one batch, kept for its records in hand: a share of the chunk that it came in, and what it was decompressed to. Counted
/// under the gate of the <see cref="FetchQueue"/>.
/// </summary>
sealed class HeldBatch(FetchedChunk chunk, FetchedSource? decompressed, GrowingBuffer? buffer, int bytes)
{
    int _holders = 1;

    public FetchedChunk Chunk => chunk;

    /// <summary>How much memory it keeps.</summary>
    public int Bytes => bytes;

    public void Share() => _holders++;

    /// <summary>Gives one share back.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Release(CompressionPool compression)
    {
        if (--_holders > 0)
            return false;
        decompressed?.End();
        if (buffer is not null)
            compression.Return(buffer);
        return true;
    }
}
