using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>
/// What one client reads, in the order in which it is served. Not thread-safe: whoever answers holds a lock on it, since a
/// client may come back on another connection.
/// </summary>
sealed class FetchSession(int id)
{
    readonly Dictionary<(TopicLog Topic, int Index), FetchedPartition> _byPlace = [];
    readonly List<FetchedPartition> _order = [];
    readonly List<FetchedPartition> _served = [];

    /// <summary>0 for a request that has no session.</summary>
    public int Id => id;

    /// <summary>What the next request must carry.</summary>
    public int NextEpoch { get; private set; } = 1;

    /// <summary>Orders the sessions of a broker by their last use.</summary>
    public long LastUse { get; set; }

    public IReadOnlyList<FetchedPartition> Partitions => _order;

    /// <summary>1 comes after the highest one, since 0 opens a session.</summary>
    public void Advance() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    /// <summary>Takes what a request adds, changes and forgets.</summary>
    public void Update(FetchRequest request, Topics topics)
    {
        foreach (var topic in request.Topics)
        {
            var log = topics[topic.Topic];
            foreach (var wanted in topic.Partitions)
                Set(log, wanted);
        }
        foreach (var topic in request.ForgottenTopicsData)
        {
            var log = topics[topic.Topic];
            foreach (var index in topic.Partitions)
            {
                if (_byPlace.Remove((log, index), out var forgotten))
                    forgotten.IsForgotten = true;
            }
        }
        if (request.ForgottenTopicsData.Length > 0)
            _order.RemoveAll(static partition => partition.IsForgotten);
    }

    /// <summary>
    /// Moves what was served behind what was not, as a broker does it: under a limit of bytes the last ones would else never
    /// have their turn.
    /// </summary>
    public void Rotate()
    {
        _served.Clear();
        _served.AddRange(_order.Where(static partition => partition.IsServed));
        _order.RemoveAll(static partition => partition.IsServed);
        _order.AddRange(_served);
        foreach (var partition in _served)
            partition.IsServed = false;
    }

    void Set(TopicLog log, FetchRequest.FetchPartition wanted)
    {
        if (!_byPlace.TryGetValue((log, wanted.Partition), out var partition))
        {
            partition = new FetchedPartition(log, wanted.Partition);
            _byPlace.Add((log, wanted.Partition), partition);
            _order.Add(partition);
        }
        (partition.Offset, partition.MaxBytes) = (wanted.FetchOffset, wanted.PartitionMaxBytes);
    }
}
