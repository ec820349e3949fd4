namespace NetKafka.Testing.Internal.Logs;

/// <summary>One record batch as it lies in the log: its bytes, placed at their offset, and its head.</summary>
sealed class StoredBatch(byte[] bytes)
{
    internal byte[] Bytes { get; } = bytes;

    internal BatchHeader Header { get; } = new(bytes);

    internal long BaseOffset => Header.BaseOffset;

    internal long LastOffset => Header.BaseOffset + Header.LastOffsetDelta;

    internal long NextOffset => LastOffset + 1;
}
