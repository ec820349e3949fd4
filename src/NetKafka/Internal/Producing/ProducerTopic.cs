using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>
/// A topic that is produced to: its partitions, once they are known, and the partition that records without keys go to at
/// present. What was learned is never forgotten: a topic that metadata lacks for a moment keeps its sequences.
/// </summary>
sealed class ProducerTopic(string name, RandomSource random)
{
    readonly Lock _gate = new();
    volatile TopicPartitions? _partitions;
    TopicView? _view;

    // The last id that was known: metadata of older brokers has none.
    Guid _life;
    int _sticky = -1;

    public string Name { get; } = name;

    /// <summary>The name in UTF-8, by which answers are matched without decoding.</summary>
    public byte[] Utf8Name { get; } = System.Text.Encoding.UTF8.GetBytes(name);

    /// <summary>The records that wait to be taken.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>The topic's id; empty where the brokers are too old to tell. The machine's own.</summary>
    public Guid Id { get; private set; }

    /// <summary>The partitions; null until metadata names some. Any thread.</summary>
    public TopicPartitions? Partitions => _partitions;

    /// <summary>The partition for records without keys: one at a time, so that they fill batches (KIP-480). Any thread.</summary>
    public int StickyPartition(TopicPartitions partitions)
    {
        var sticky = Volatile.Read(ref _sticky);
        return (uint)sticky < (uint)partitions.All.Length ? sticky : NextSticky(partitions, sticky);
    }

    /// <summary>Moves on to another partition, unless another thread did so already. Any thread.</summary>
    /// <returns>The partition that is current now.</returns>
    public int NextSticky(TopicPartitions partitions, int current)
    {
        lock (_gate)
        {
            if (_sticky != current)
                return _sticky;
            var choice = partitions.Available;
            var next = choice[random.Next(choice.Length)];
            if (next == current && choice.Length > 1)
                next = choice[(Array.IndexOf(choice, next) + 1) % choice.Length];
            Volatile.Write(ref _sticky, next);
            return next;
        }
    }

    /// <summary>Takes what metadata says; queues that exist stay. Inside the turn.</summary>
    public void Learn(TopicView view, IProducerHost host)
    {
        if (ReferenceEquals(view, _view))
            return;
        var known = _partitions?.All ?? [];
        (_view, Id) = (view, view.Id);
        if (Id != _life && Id != Guid.Empty)
        {
            if (_life != Guid.Empty)
                ForgetBrokers(known);
            _life = Id;
        }
        if (view.Partitions.Length == 0)
            return;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.MissingTopicForgetsItsNumbers) && view.Error != Protocol.ErrorCode.None)
            known = [];
#endif
        var all = new PartitionQueue[Math.Max(known.Length, view.Partitions.Length)];
        for (var i = 0; i < all.Length; i++)
            all[i] = i < known.Length ? known[i] : new PartitionQueue(this, i, host);
        var available = new List<int>(all.Length);
        foreach (var partition in view.Partitions)
        {
            if (partition.LeaderId >= 0)
                available.Add(partition.Index);
        }
        if (available.Count == 0)
            available.AddRange(Enumerable.Range(0, view.Partitions.Length));
        _partitions = new TopicPartitions(all, view.Partitions.Length, [.. available]);
    }

    /// <summary>The topic was deleted and created anew.</summary>
    static void ForgetBrokers(PartitionQueue[] queues)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.NewTopicIsTakenForTheOld))
            return;
#endif
        foreach (var queue in queues)
            queue.Sequence.OnTopicCreatedAnew();
    }
}
