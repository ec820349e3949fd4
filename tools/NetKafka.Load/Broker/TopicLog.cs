namespace NetKafka.Load.Broker;

/// <summary>A topic that keeps no records, only how many there were.</summary>
sealed class TopicLog(string name, TopicShape shape)
{
    readonly long[] _nextOffsets = new long[shape.Partitions];

    public string Name => name;

    public byte[] NameBytes { get; } = System.Text.Encoding.UTF8.GetBytes(name);

    public TopicShape Shape => shape;

    /// <summary>Takes records.</summary>
    /// <returns>The offset of the first; −1 if there is no such partition.</returns>
    public long Append(int partition, int records) => (uint)partition < (uint)_nextOffsets.Length
        ? Interlocked.Add(ref _nextOffsets[partition], records) - records
        : -1;

    public long NextOffset(int partition) => (uint)partition < (uint)_nextOffsets.Length ? Volatile.Read(ref _nextOffsets[partition]) : 0;
}
