using System.Collections.Concurrent;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The way of a record into a batch, on the caller's own thread: choose the partition, write the record under the
/// partition's lock, seal what is full outside of it. Safe from any thread.
/// </summary>
sealed class Accumulator : IDisposable
{
    // Up to here a record is copied under the lock; a larger one reserves its place and is copied outside.
    const int LargestCopyUnderLock = 16 * 1024;

    // How often a record without a key is tried elsewhere while brokers are busy, before its caller waits.
    const int MaxMoves = 8;

    readonly ConcurrentDictionary<string, ProducerTopic> _topics = new(StringComparer.Ordinal);
    readonly CompressionPool _compression = new();
    readonly ProducerOptions _options;
    readonly IProducerHost _host;
    readonly SlabPool _slabs;
    readonly RandomSource _random;
    readonly PartitionChoice _choice;
    ProducerTopic? _lastTopic;
    volatile bool _isClosed;
    volatile Func<Exception>? _refusal;
    long _purgedTo;
    KafkaException? _loss;

    public Accumulator(ProducerOptions options, IProducerHost host, SlabPool slabs, RandomSource random)
    {
        (_options, _host, _slabs, _random) = (options, host, slabs, random);
        _choice = new PartitionChoice(options);
        Memory = new BufferMemory(options.BufferMemory);
        Batches = new BatchPool(host, Memory);
    }

    public BufferMemory Memory { get; }

    public IncompleteBatches Incomplete { get; } = new();

    public BatchPool Batches { get; }

    /// <summary>The records that could not be put into a batch yet.</summary>
    public WaitingRecords Waiting { get; } = new();

    public CompressionPool Compression => _compression;

    /// <summary>Whether no record is taken any more. Set by the machine.</summary>
    public bool IsClosed
    {
        get => _isClosed;
        set => _isClosed = value;
    }

    /// <summary>Up to which ticket records that wait for their batch are not wanted any more. Set by the machine.</summary>
    public long PurgedTo
    {
        get => Volatile.Read(ref _purgedTo);
        set => Volatile.Write(ref _purgedTo, value);
    }

    /// <summary>A record of a transaction ended before it was in a batch. Before it leaves the records that wait. Any thread.</summary>
    public void NoteLoss(KafkaException error) => Interlocked.CompareExchange(ref _loss, error, null);

    /// <summary>Why the first such record ended, once; null if there is none.</summary>
    public KafkaException? TakeLoss() => Interlocked.Exchange(ref _loss, null);

    /// <summary>Why no record may be produced at present, outside of a transaction; null where records may. Set by the machine.</summary>
    public Func<Exception>? Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }

    /// <summary>The topic, known or not. Callers that produce to one topic by one string find it without hashing.</summary>
    /// <exception cref="ProduceException">That is no name of a topic.</exception>
    public ProducerTopic GetTopic(string name)
    {
        var last = Volatile.Read(ref _lastTopic);
        if (last is not null && ReferenceEquals(last.Name, name))
            return last;
        if (!_topics.TryGetValue(name, out var topic))
        {
            if (!TopicNames.IsValid(name))
                throw TopicNames.Refusal(name);
            ulong seed;
            lock (_random)
                seed = _random.NextUInt64();
            var options = _options.For(name);
            topic = _topics.GetOrAdd(name, new ProducerTopic(
                name, options, options == _options ? _choice : new PartitionChoice(options), new StickyChoice(options, _host, new RandomSource(seed))));
        }
        Volatile.Write(ref _lastTopic, topic);
        return topic;
    }

    /// <summary>Refuses a record that could never be sent, before anything is buffered.</summary>
    /// <param name="record">The record.</param>
    /// <param name="isAdmitted">Whether the record was taken before, and has waited for its bytes.</param>
    /// <exception cref="ProduceException">The record is too large.</exception>
    /// <exception cref="InvalidOperationException">No transaction is open.</exception>
    public void Check(in RecordData record, bool isAdmitted = false)
    {
        if (_refusal is { } refusal && !isAdmitted)
            throw refusal();
        var size = record.BatchBound;
        if (size > _options.MaxRequestSize)
            throw TooLarge(record, size, nameof(ProducerOptions.MaxRequestSize), _options.MaxRequestSize);
        if (size > _options.BufferMemory)
            throw TooLarge(record, size, nameof(ProducerOptions.BufferMemory), _options.BufferMemory);
    }

    /// <summary>How much room a batch takes that begins with this record.</summary>
    public int BatchCapacity(in RecordData record) => BatchCapacity(record, GetTopic(record.Topic).Options.BatchSize);

    /// <summary>Puts a record into a batch, if there is room and the partition is known. Never waits.</summary>
    /// <param name="record">The record.</param>
    /// <param name="completion">Who is told of the outcome.</param>
    /// <param name="hasWaited">Whether the caller waited for room already, and so may pass those that wait.</param>
    /// <param name="busy">Whose broker is busy, if that is the result.</param>
    public AppendResult TryAppend(in RecordData record, in RecordCompletion completion, bool hasWaited, out BrokerWindow? busy)
    {
        busy = null;
        // Before anything that would make the caller wait.
        if (_isClosed)
            throw Closed();
        var topic = GetTopic(record.Topic);
        if (topic.Partitions is not { } partitions)
            return AppendResult.NoMetadata;
        var turn = topic.Turn;
        var partition = record.Partition >= 0 ? record.Partition : topic.Choice.Of(record, partitions, turn);
        var isSticky = partition < 0;
        if (isSticky)
            partition = topic.StickyPartition(partitions);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.KeysGoElsewhereThanJavas) && !isSticky && record.Partition < 0)
            partition = (partition + 1) % partitions.Count;
#endif
        if (partition >= partitions.All.Length)
            return AppendResult.NoMetadata;
        ProduceBatch? spare = null;
        var moves = 0;
        try
        {
            while (true)
            {
                var queue = partitions.All[partition];
                var isIn = TryAppend(queue, record, completion, isSticky, ref spare, out var full, out var moveOn);
                if (full is not null)
                    Seal(full);
                if (isSticky && moveOn)
                    partition = topic.NextSticky(partitions, partition);
                if (isIn)
                {
                    if (topic.Choice.IsInTurn)
                        topic.EndTurn(turn);
                    return AppendResult.Appended;
                }
                if (partitions.All[partition].Window is { } window && !window.IsOpen(hasWaited))
                {
                    if (!isSticky || ++moves > MaxMoves)
                    {
                        busy = window;
                        return AppendResult.BrokerBusy;
                    }
                    partition = topic.NextSticky(partitions, partition);
                    continue;
                }
                if (spare is null && !TryMakeBatch(record, queue.BatchSize, hasWaited, out spare))
                    return AppendResult.NoRoom;
            }
        }
        finally
        {
            if (spare is not null)
                DropUnused(spare);
        }
    }

    /// <summary>
    /// Compresses and sums a batch that no record can join any more, and tells the machine of it. On the thread that closed
    /// the batch, outside of every lock.
    /// </summary>
    public void Seal(ProduceBatch batch)
    {
        var queue = batch.Queue;
        SealBytes(batch);
        queue.Signal.Raise();
    }

    /// <summary>Compresses and sums a batch.</summary>
    public void SealBytes(ProduceBatch batch)
    {
        var options = batch.Queue.Topic.Options;
        var codec = options.Compression;
        if (codec == CompressionCodec.None)
        {
            batch.Seal(batch.Writer.Seal(), _host.Now);
            return;
        }
        var buffer = _compression.RentBuffer();
        var packed = batch.Writer.Seal(codec, options.CompressionLevel ?? CompressionLevels.Default(codec), _compression, buffer);
        var place = batch.Buffer;
        // Compressed bytes go back to where the records lay, so a batch owns one buffer. What does not fit is no gain.
        if (packed.Count <= place.Length)
        {
            packed.AsSpan().CopyTo(place);
            batch.Seal(new ArraySegment<byte>(place, 0, packed.Count), _host.Now);
        }
        else
        {
            batch.Seal(batch.Writer.Seal(), _host.Now);
        }
        _compression.Return(buffer);
    }

    /// <summary>A batch with a buffer for so many bytes, counted whether there is room or not. For parts of a split batch.</summary>
    public ProduceBatch MakePart(PartitionQueue queue, int capacity)
    {
        Memory.ReserveAnyway(capacity);
        var batch = Batches.Rent();
        batch.Begin(_slabs.Rent(capacity), capacity);
        batch.Queue = queue;
        return batch;
    }

    public void Dispose() => _compression.Dispose();

    bool TryAppend(
        PartitionQueue queue, in RecordData record, in RecordCompletion completion, bool isSticky, ref ProduceBatch? spare,
        out ProduceBatch? full, out bool moveOn)
    {
        (full, moveOn) = (null, false);
        var isNew = false;
        var isLarge = record.Key.Length + record.Value.Length > LargestCopyUnderLock;
        ProduceBatch? batch;
        RecordReservation place;
        lock (queue.Gate)
        {
            if (_isClosed)
                throw Closed();
            batch = queue.Open;
            if (batch is null && spare is not null)
            {
                (batch, spare) = (spare, null);
                Install(batch, queue);
                isNew = !queue.IsLingering;
            }
            if (batch is null)
                return false;
            if (!Write(batch, record, completion, isLarge, out place))
            {
                full = queue.Detach(batch) ? batch : null;
                // The record would begin a batch: one without a key does so where the next ones go.
                moveOn = true;
                queue.KeylessBytes = 0;
                return false;
            }
            moveOn = isSticky && CountKeyless(queue, record);
            if (batch.Writer.BytesUsed >= queue.BatchSize && queue.Detach(batch))
                full = batch;
        }
        if (isLarge && CopyIn(queue, batch, record, place))
            full = batch;
        if (isNew && full is null)
            queue.Signal.Raise();
        return true;
    }

    static bool Write(ProduceBatch batch, in RecordData record, in RecordCompletion completion, bool isLarge, out RecordReservation reservation)
    {
        reservation = default;
        return isLarge ? batch.TryReserve(record, completion, out reservation) : batch.TryAppend(record, completion);
    }

    /// <summary>Copies a large record in; the last one to do so seals a batch that was closed meanwhile.</summary>
    static bool CopyIn(PartitionQueue queue, ProduceBatch batch, in RecordData record, RecordReservation place)
    {
        record.Key.Span.CopyInPieces(place.Buffer.AsSpan(place.KeyPosition));
        record.Value.Span.CopyInPieces(place.Buffer.AsSpan(place.ValuePosition));
        lock (queue.Gate)
            return --batch.CopiesUnderWay == 0 && batch.IsDetached;
    }

    /// <summary>Records without keys stay with a partition for a batch's worth of bytes, however often it is drained (KIP-794).</summary>
    static bool CountKeyless(PartitionQueue queue, in RecordData record)
    {
        queue.KeylessBytes += record.Value.Length + record.Key.Length;
        if (queue.KeylessBytes < queue.BatchSize)
            return false;
        queue.KeylessBytes = 0;
        return true;
    }

    void Install(ProduceBatch batch, PartitionQueue queue)
    {
        batch.Queue = queue;
        queue.Open = batch;
        Incomplete.Add(batch, _host.Now);
    }

    static int BatchCapacity(in RecordData record, int batchSize) => (int)Math.Max(batchSize, record.BatchBound);

    bool TryMakeBatch(in RecordData record, int batchSize, bool hasWaited, out ProduceBatch? batch)
    {
        batch = null;
        var capacity = BatchCapacity(record, batchSize);
        if (!Memory.TryReserve(capacity, hasWaited))
            return false;
        batch = Batches.Rent();
        batch.Begin(_slabs.Rent(capacity), capacity);
        return true;
    }

    /// <summary>Another thread was first to begin a batch.</summary>
    void DropUnused(ProduceBatch spare)
    {
        Memory.Release(spare.ChargedBytes);
        spare.ReleaseBuffer();
        Batches.Return(spare);
    }

    static ObjectDisposedException Closed() => new("Producer", "The producer was disposed.");

    static ProduceException TooLarge(in RecordData record, long size, string setting, long limit) =>
        new($"A record for {record.Topic} takes up to {size} bytes (key {record.Key.Length}, value {record.Value.Length}), and {setting} "
            + $"is {limit}: raise it, together with message.max.bytes of the brokers or max.message.bytes of the topic, or send less in one record.",
            RecordFate.NotWritten)
        {
            Code = ErrorCode.MessageTooLarge,
        };
}
