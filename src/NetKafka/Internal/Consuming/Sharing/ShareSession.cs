using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// What one broker remembers of this consumer: the partitions that it is to acquire records of, and a number that each request raises, so that
/// one request is under way at a time. The broker ends it with its connection, and gives what was acquired in it to others.
/// </summary>
sealed class ShareSession(int nodeId)
{
    /// <summary>The epoch of a request that ends a session.</summary>
    public const int FinalEpoch = -1;

    const int FirstEpoch = 0;

    readonly SortedDictionary<TopicPartition, Guid> _held = [];

    public int NodeId { get; } = nodeId;

    /// <summary>The epoch of the next request; 0 for one that opens a session.</summary>
    public int Epoch { get; private set; }

    public bool IsOpen => Epoch != FirstEpoch;

    /// <summary>The assigned partitions that this broker leads, with their topics' ids.</summary>
    public SortedDictionary<TopicPartition, Guid> Led { get; } = [];

    /// <summary>What was acquired in it and has not ended.</summary>
    public List<AcquiredBatch> Batches { get; } = [];

    /// <summary>Whether its connection was said to be needed.</summary>
    public bool IsNeeded { get; set; }

    /// <summary>Whether a request is under way.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether that may acquire records.</summary>
    public bool IsFetching { get; set; }

    public Instant NotBefore { get; set; } = Instant.Start;

    public int Failures { get; set; }

    /// <summary>Since when acknowledgements wait to be sent; never where none does.</summary>
    public Instant WaitingSince { get; set; } = Instant.Never;

    /// <summary>The name of a partition that was asked for.</summary>
    public TopicPartition? Find(Guid topicId, int partition)
    {
        foreach (var (held, id) in _held)
        {
            if (id == topicId && held.Partition == partition)
                return held;
        }
        return null;
    }

    /// <summary>Says in a request which partitions the broker is to remember, as far as that is news, and takes it as known from now on.</summary>
    public void Plan(ShareFetchRequest request, SortedDictionary<(Guid TopicId, int Partition), ShareFetchRequest.AcknowledgementBatch[]> acknowledgements)
    {
        request.ShareSessionEpoch = Epoch;
        if (!IsOpen)
            _held.Clear();
        List<KeyValuePair<TopicPartition, Guid>> forgotten = [.. _held.Where(held => !Led.TryGetValue(held.Key, out var id) || id != held.Value)];
        foreach (var held in forgotten)
            _held.Remove(held.Key);
        var rows = new SortedDictionary<(Guid TopicId, int Partition), ShareFetchRequest.FetchPartition>();
        foreach (var (partition, id) in Led)
        {
            if (_held.TryAdd(partition, id))
                rows[(id, partition.Partition)] = new() { PartitionIndex = partition.Partition };
        }
        foreach (var (key, batches) in acknowledgements)
        {
            if (!rows.TryGetValue(key, out var row))
                rows[key] = row = new() { PartitionIndex = key.Partition };
            row.AcknowledgementBatches = batches;
        }
        request.Topics = [.. rows.GroupBy(static row => row.Key.TopicId, static row => row.Value).Select(static topic =>
            new ShareFetchRequest.FetchTopic { TopicId = topic.Key, Partitions = [.. topic] })];
        request.ForgottenTopicsData = [.. forgotten.GroupBy(static held => held.Value, static held => held.Key.Partition).Select(static topic =>
            new ShareFetchRequest.ForgottenTopic { TopicId = topic.Key, Partitions = [.. topic] })];
    }

    /// <summary>A request was answered without an error of the session.</summary>
    public void Advance() => Epoch = Epoch < int.MaxValue ? Epoch + 1 : FirstEpoch + 1;

    /// <summary>The session is over; the next fetch opens another.</summary>
    public void End()
    {
        Epoch = FirstEpoch;
        _held.Clear();
    }
}
