using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>
/// One partition of a topic: the batch that is being filled and those that are sealed and wait, which callers and machine
/// share under <see cref="Gate"/>; and what the machine alone knows of it. A partition is data: an idle one costs nothing.
/// </summary>
sealed class PartitionQueue
{
    readonly Queue<ProduceBatch> _pending = new();
    volatile BrokerWindow? _window;

    public PartitionQueue(ProducerTopic topic, int partition, IProducerHost host)
    {
        Topic = topic;
        Partition = partition;
        (BatchSize, Linger) = (topic.Options.BatchSize, topic.Options.Linger);
        Signal = host.CreateSignal(this);
    }

    public ProducerTopic Topic { get; }

    public int Partition { get; }

    /// <summary>How many bytes make a batch full.</summary>
    public int BatchSize { get; }

    /// <summary>How long a batch waits for more records.</summary>
    public TimeSpan Linger { get; }

    public TopicPartition TopicPartition => new(Topic.Name, Partition);

    public IPartitionSignal Signal { get; }

    /// <summary>The only lock that appending a record takes.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How much may wait for the leader; null before there is one. Set by the machine, looked at by any thread.</summary>
    public BrokerWindow? Window
    {
        get => _window;
        set => _window = value;
    }

    // Under the gate.

    /// <summary>The batch that is being filled.</summary>
    public ProduceBatch? Open { get; set; }

    /// <summary>Whether it stands among the lingering ones of its broker.</summary>
    public bool IsLingering { get; set; }

    /// <summary>Bytes of records without keys since this partition was chosen for them.</summary>
    public long KeylessBytes { get; set; }

    // The machine's own.

    /// <summary>Where the partition waits for its turn.</summary>
    public QueuePlace Place { get; set; }

    /// <summary>The open batch that is not to wait any longer.</summary>
    public ProduceBatch? Due { get; set; }

    /// <summary>Nothing is sent before; set by a failed attempt.</summary>
    public Instant RetryAt { get; set; } = Instant.Start;

    /// <summary>The broker that batches are under way to; −1 for none.</summary>
    public int WireBroker { get; set; } = -1;

    /// <summary>How many batches are under way.</summary>
    public int OnWire { get; set; }

    /// <summary>The newest transaction that the partition is in.</summary>
    public int AddedTo { get; set; }

    /// <summary>The newest transaction that it was to be added to.</summary>
    public int AskedFor { get; set; }

    public SequenceState Sequence { get; } = new();

    /// <summary>Acknowledged batches of which nobody was told yet, since one before them has no outcome; in order.</summary>
    public List<ProduceBatch> Untold { get; } = [];

    /// <summary>Whether nothing of it waits or is under way. Inside the turn.</summary>
    public bool IsIdle
    {
        get
        {
            lock (Gate)
            {
                // Where it lingers nobody is told of a new batch.
                if (Open is not null || HasPending || IsLingering)
                    return false;
            }
            return OnWire == 0 && Place == QueuePlace.None && Sequence.Unacked.Count == 0 && Untold.Count == 0;
        }
    }

    /// <summary>Whether batches that failed wait to be sent again.</summary>
    public bool HasRetries => Sequence.Unacked.Count > OnWire;

    /// <summary>Closes the open batch to further records. Under the gate.</summary>
    /// <returns>Whether the caller must seal it; otherwise whoever still copies a record into it will.</returns>
    public bool Detach(ProduceBatch batch)
    {
        Open = null;
        batch.IsDetached = true;
        _pending.Enqueue(batch);
        return batch.CopiesUnderWay == 0;
    }

    /// <summary>The next batch to send, if it is sealed. Under the gate.</summary>
    public ProduceBatch? PeekSealed() => _pending.TryPeek(out var batch) && batch.IsSealed ? batch : null;

    public bool HasPending => _pending.Count > 0;

    /// <summary>
    /// How many batches wait or are under way, as nearly as any thread can tell that holds no lock: good enough to compare partitions.
    /// </summary>
    public int Load => _pending.Count + Sequence.Unacked.Count;

    /// <summary>Takes the batch that <see cref="PeekSealed"/> gave. Under the gate.</summary>
    public void Dequeue() => _pending.Dequeue();

    /// <summary>Takes a batch out, unless a caller is at work on it. Under the gate.</summary>
    public bool TryRemove(ProduceBatch batch)
    {
        if (batch == Open)
        {
            if (batch.CopiesUnderWay > 0)
                return false;
            Open = null;
            batch.IsDetached = true;
            return true;
        }
        if (!batch.IsSealed || !_pending.TryPeek(out var first) || first != batch)
            return false;
        _pending.Dequeue();
        return true;
    }
}
