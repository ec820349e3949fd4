using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>What a member of a share group reads from one broker (KIP-932), until it says another thing or its connection ends.</summary>
sealed class ShareSession(int connection)
{
    /// <summary>The epoch that begins a session.</summary>
    internal const int FirstEpoch = 0;

    /// <summary>The epoch that ends it.</summary>
    internal const int FinalEpoch = -1;

    readonly List<SharedPartition> partitions = [];

    /// <summary>The connection that began it, with which it ends.</summary>
    internal int Connection { get; } = connection;

    /// <summary>The epoch that the next request of the session must carry; 1 comes after 2^31-1.</summary>
    internal int NextEpoch { get; private set; } = 1;

    internal IReadOnlyList<SharedPartition> Partitions => partitions;

    internal void AdvanceEpoch() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    internal void Add(TopicIdPartition key, bool mustTell)
    {
        if (!partitions.Exists(partition => partition.Key == key))
            partitions.Add(new SharedPartition(key) { MustTell = mustTell });
    }

    internal void Forget(TopicIdPartition key) => partitions.RemoveAll(partition => partition.Key == key);
}

/// <summary>One partition of a share session.</summary>
sealed class SharedPartition(TopicIdPartition key)
{
    internal TopicIdPartition Key { get; } = key;

    /// <summary>It is told in the next answer, news or not: it is new in the session, or was told with an error.</summary>
    internal bool MustTell { get; set; }
}
