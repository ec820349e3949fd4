using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;

namespace NetKafka.Internal.Producing;

/// <summary>
/// A topic that is produced to: its partitions, once they are known, and the partition that records without keys go to at
/// present. What was learned is never forgotten: a topic that metadata lacks for a moment, or that nobody wrote to for long and is not
/// asked about any more (KIP-526), keeps its sequences.
/// </summary>
sealed class ProducerTopic(string name, ProducerOptions options, PartitionChoice partitionChoice, StickyChoice choice)
{
    readonly Lock _gate = new();
    volatile TopicPartitions? _partitions;
    PartitionQueue[] _queues = [];
    TopicView? _view;
    volatile TopicView? _described;
    IReadOnlyDictionary<int, BrokerView>? _brokers;
    int _turn;

    // The last id that was known: metadata of older brokers has none.
    Guid _life;
    int _sticky = -1;

    public string Name { get; } = name;

    /// <summary>The producer's options, with what differs for this topic.</summary>
    public ProducerOptions Options { get; } = options;

    /// <summary>Where records go that name no partition.</summary>
    public PartitionChoice Choice { get; } = partitionChoice;

    /// <summary>The name in UTF-8, by which answers are matched without decoding.</summary>
    public byte[] Utf8Name { get; } = System.Text.Encoding.UTF8.GetBytes(name);

    /// <summary>The records that wait to be taken.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>The topic's id; empty where the brokers are too old to tell. The machine's own.</summary>
    public Guid Id { get; private set; }

    /// <summary>When somebody wrote to it last; never for a topic that is wanted and was not written to yet. The machine's own.</summary>
    public Instant LastUse { get; set; } = Instant.Never;

    /// <summary>Whether metadata is not asked about it. The machine's own.</summary>
    public bool IsAtRest { get; set; } = true;

    /// <summary>Whether nothing waits or is under way. Inside the turn.</summary>
    public bool IsIdle => Array.TrueForAll(_queues, static queue => queue.IsIdle);

    /// <summary>The partitions; null until metadata names some, and while the topic rests. Any thread.</summary>
    public TopicPartitions? Partitions => _partitions;

    /// <summary>The topic as metadata told of it last; null as <see cref="Partitions"/>. Any thread.</summary>
    public TopicView? Described => _described;

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
            var next = choice.Next(partitions, current);
            Volatile.Write(ref _sticky, next);
            return next;
        }
    }

    /// <summary>How many turns were taken, where partitions take turns. Any thread.</summary>
    public int Turn => Volatile.Read(ref _turn);

    /// <summary>A record went where it was this turn's turn; of several in one turn the first ends it. Any thread.</summary>
    public void EndTurn(int turn) => Interlocked.CompareExchange(ref _turn, unchecked(turn + 1), turn);

    /// <summary>Takes what metadata says; queues that exist stay. Inside the turn.</summary>
    /// <param name="view">The topic.</param>
    /// <param name="brokers">The brokers.</param>
    /// <param name="rack">The rack whose partitions come first; null for no difference.</param>
    /// <param name="host">Makes the signals of new partitions.</param>
    public void Learn(TopicView view, IReadOnlyDictionary<int, BrokerView> brokers, string? rack, IProducerHost host)
    {
        if (ReferenceEquals(view, _view) && (rack is null || ReferenceEquals(brokers, _brokers)))
            return;
        _brokers = brokers;
        var known = _queues;
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
        var near = rack is null ? [] : available.FindAll(index => brokers.GetValueOrDefault(view.Partitions[index].LeaderId)?.Rack == rack);
        int[] numbers = [.. available];
        (_queues, _described) = (all, view);
        _partitions = new TopicPartitions(all, view.Partitions.Length, numbers, near.Count > 0 ? [.. near] : numbers);
    }

    /// <summary>Who writes next waits for metadata first. Inside the turn.</summary>
    public void Rest()
    {
        IsAtRest = true;
        (_partitions, _described, _view, _brokers) = (null, null, null, null);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RestingTopicForgetsItsNumbers))
            _queues = [];
#endif
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
