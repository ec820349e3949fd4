using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Transactions;

/// <summary>
/// The transactional ids of the cluster (KIP-98, KIP-360, KIP-890): who has which producer id and epoch, what is in its transaction,
/// and how that ends. Markers are written at once, or some time after the end was decided.
/// </summary>
sealed class TransactionCoordinator
{
    const int RetryMarkersMs = 10;

    readonly ClusterState cluster;
    readonly SortedDictionary<string, TransactionEntry> entries = new(StringComparer.Ordinal);

    internal TransactionCoordinator(ClusterState cluster)
    {
        this.cluster = cluster;
        // What the coordinator knows is in its log, and so are the timers: a move takes nothing away.
        Slots = new CoordinatorSlots(cluster, () => entries.Count == 0, static _ => { }, static (_, _) => { });
    }

    internal CoordinatorSlots Slots { get; }

    /// <summary>The transactional ids that it knows.</summary>
    internal IReadOnlyCollection<string> Ids => entries.Keys;

    internal IEnumerable<TransactionEntry> All => entries.Values;

    internal TransactionEntry? Find(string transactionalId) => entries.GetValueOrDefault(transactionalId);

    /// <summary>Whether a broker is to be asked about a transactional id. One without a name is refused by any.</summary>
    internal ErrorCode CheckBroker(string transactionalId, Broker broker) =>
        transactionalId.Length == 0 ? ErrorCode.InvalidRequest : Slots.Check(transactionalId, broker);

    /// <summary>Gives a producer its id and next epoch, and fences those before it.</summary>
    /// <param name="transactionalId">The producer's name across restarts.</param>
    /// <param name="timeoutMs">How long a transaction of it may take.</param>
    /// <param name="expected">What the producer has already and wants to go on with; <see cref="ProducerIdentity.None"/> for nothing.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="given">What it is given.</param>
    internal ErrorCode Init(string transactionalId, int timeoutMs, ProducerIdentity expected, long nowMs, out ProducerIdentity given)
    {
        given = ProducerIdentity.None;
        if (timeoutMs <= 0 || timeoutMs > cluster.Settings.MaxTransactionTimeoutMs)
            return ErrorCode.InvalidTransactionTimeout;
        var entry = Find(transactionalId);
        if (entry is null)
            entries.Add(transactionalId, entry = new TransactionEntry(transactionalId, cluster.NextProducerId()));
        if (!MayGoOn(entry, expected))
            return ErrorCode.ProducerFenced;
        if (entry.IsEnding)
            return ErrorCode.ConcurrentTransactions;
        if (entry.State == TransactionState.Ongoing)
        {
            Fence(entry, nowMs);
            return ErrorCode.ConcurrentTransactions;
        }

        if (!TryRaise(entry, expected))
            return ErrorCode.ProducerFenced;
        entry.Clear();
        (entry.State, entry.TimeoutMs, entry.StartMs) = (TransactionState.Empty, timeoutMs, -1);
        given = new ProducerIdentity(entry.ProducerId, entry.Epoch);
        return ErrorCode.None;
    }

    /// <summary>Whether a producer may add to its transaction, or write into it.</summary>
    internal ErrorCode Check(string transactionalId, ProducerIdentity producer)
    {
        if (transactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        if (Find(transactionalId) is not { } entry || entry.ProducerId != producer.Id)
            return ErrorCode.InvalidProducerIdMapping;
        if (entry.Epoch != producer.Epoch)
            return ErrorCode.ProducerFenced;
        return entry.IsEnding ? ErrorCode.ConcurrentTransactions : ErrorCode.None;
    }

    /// <summary>Takes partitions into a transaction; the first begins it.</summary>
    internal ErrorCode AddPartitions(string transactionalId, ProducerIdentity producer, IEnumerable<(string Topic, int Partition)> partitions, long nowMs)
    {
        var error = Check(transactionalId, producer);
        if (error != ErrorCode.None)
            return error;
        var entry = Begin(transactionalId, nowMs);
        foreach (var (topic, partition) in partitions)
            entry.Add(topic, partition);
        return ErrorCode.None;
    }

    /// <summary>Takes a group's offsets into a transaction.</summary>
    internal ErrorCode AddGroup(string transactionalId, ProducerIdentity producer, string groupId, long nowMs)
    {
        var error = Check(transactionalId, producer);
        if (error == ErrorCode.None)
            Begin(transactionalId, nowMs).Groups.Add(groupId);
        return error;
    }

    /// <summary>Ends a transaction, or says how it ended where it has.</summary>
    /// <param name="transactionalId">Whose.</param>
    /// <param name="producer">Who asks.</param>
    /// <param name="commits">How.</param>
    /// <param name="isVersion2">Whether by the rules of version 2: the epoch rises with it.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="next">What the producer goes on with.</param>
    internal ErrorCode End(string transactionalId, ProducerIdentity producer, bool commits, bool isVersion2, long nowMs, out ProducerIdentity next)
    {
        next = ProducerIdentity.None;
        if (Find(transactionalId) is not { } entry)
            return ErrorCode.InvalidProducerIdMapping;
        var isRetry = IsRetry(entry, producer);
        if (entry.ProducerId != producer.Id && !isRetry)
            return ErrorCode.InvalidProducerIdMapping;
        if (entry.Epoch != producer.Epoch && !isRetry)
            return ErrorCode.ProducerFenced;
        var error = entry.State switch
        {
            TransactionState.Ongoing => ErrorCode.None,
            // Until its markers are written a transaction is on its way to its end, whatever is asked for.
            TransactionState.PrepareCommit or TransactionState.PrepareAbort => ErrorCode.ConcurrentTransactions,
            // The epoch rises with an abort that has nothing to abort too: what is still under way may be of it.
            _ when isVersion2 && !isRetry => commits ? ErrorCode.InvalidTxnState : ErrorCode.None,
            TransactionState.CompleteCommit => commits ? ErrorCode.None : ErrorCode.InvalidTxnState,
            TransactionState.CompleteAbort => commits ? ErrorCode.InvalidTxnState : ErrorCode.None,
            _ => ErrorCode.InvalidTxnState,
        };
        if (error != ErrorCode.None)
            return error;
        if (entry.State == TransactionState.Ongoing || (isVersion2 && !isRetry))
            Prepare(entry, commits, isVersion2, nowMs);
        next = entry.NextProducerId >= 0 ? new ProducerIdentity(entry.NextProducerId, 0) : new ProducerIdentity(entry.ProducerId, entry.Epoch);
        return ErrorCode.None;
    }

    static bool MayGoOn(TransactionEntry entry, ProducerIdentity expected) =>
        expected.Id < 0 || entry.Epoch < 0 || expected.Id == entry.ProducerId
        || (expected.Id == entry.PreviousProducerId && expected.Epoch >= TransactionEntry.LastUsedEpoch);

    /// <summary>The end of a transaction of version 2 was asked for before, and its answer was lost.</summary>
    static bool IsRetry(TransactionEntry entry, ProducerIdentity producer) =>
        entry.IsVersion2 && entry.State is not (TransactionState.Ongoing or TransactionState.Empty)
        && ((entry.ProducerId == producer.Id && entry.Epoch == producer.Epoch + 1)
            || (entry.PreviousProducerId == producer.Id && producer.Epoch == TransactionEntry.LastUsedEpoch && entry.Epoch == 0));

    /// <summary>The next epoch, or where they are used up the next id. Asking again for what was given changes nothing.</summary>
    bool TryRaise(TransactionEntry entry, ProducerIdentity expected)
    {
        var isExpected = expected.Id >= 0;
        if (entry.IsExhausted && (!isExpected || expected.Epoch == entry.Epoch))
        {
            entry.PreviousProducerId = entry.ProducerId;
            (entry.ProducerId, entry.LastEpoch, entry.Epoch) = (cluster.NextProducerId(), isExpected ? entry.Epoch : (short)-1, 0);
            return true;
        }

        if (!isExpected || entry.Epoch < 0 || expected.Epoch == entry.Epoch)
        {
            (entry.LastEpoch, entry.Epoch) = (isExpected ? entry.Epoch : (short)-1, (short)(entry.Epoch + 1));
            return true;
        }

        return expected.Epoch == entry.LastEpoch;
    }

    TransactionEntry Begin(string transactionalId, long nowMs)
    {
        var entry = entries[transactionalId];
        if (entry.State == TransactionState.Ongoing)
            return entry;
        (entry.State, entry.StartMs) = (TransactionState.Ongoing, cluster.WallClock(nowMs));
        entry.Timeout = cluster.Timers.Schedule(nowMs + entry.TimeoutMs, now => OnTimeout(entry, now));
        return entry;
    }

    void OnTimeout(TransactionEntry entry, long nowMs)
    {
        if (entry.State == TransactionState.Ongoing)
            Fence(entry, nowMs);
    }

    /// <summary>Aborts what is open under an epoch that its producer does not have.</summary>
    void Fence(TransactionEntry entry, long nowMs)
    {
        var isVersion2 = cluster.Settings.TransactionVersion >= 2;
        if (!isVersion2)
            (entry.LastEpoch, entry.Epoch) = (-1, (short)(entry.Epoch + 1));
        Prepare(entry, commits: false, isVersion2, nowMs);
    }

    void Prepare(TransactionEntry entry, bool commits, bool isVersion2, long nowMs)
    {
        entry.Timeout?.Cancel();
        entry.IsVersion2 = isVersion2;
        entry.State = commits ? TransactionState.PrepareCommit : TransactionState.PrepareAbort;
        if (isVersion2)
        {
            entry.NextProducerId = entry.IsExhausted ? cluster.NextProducerId() : -1;
            (entry.LastEpoch, entry.Epoch) = (entry.Epoch, (short)(entry.Epoch + 1));
        }

        var epoch = Slots.EpochOf(entry.TransactionalId);
        if (cluster.Settings.TransactionMarkerDelayMs > 0)
            cluster.Timers.Schedule(nowMs + cluster.Settings.TransactionMarkerDelayMs, now => WriteMarkers(entry, epoch, now));
        else
            WriteMarkers(entry, epoch, nowMs);
    }

    /// <summary>Writes the markers of all partitions that have a leader, and goes on until none is left.</summary>
    void WriteMarkers(TransactionEntry entry, int coordinatorEpoch, long nowMs)
    {
        var commits = entry.State == TransactionState.PrepareCommit;
        foreach (var group in entry.Groups)
            cluster.Groups.Find(group)?.Offsets.EndTransaction(entry.ProducerId, commits);
        entry.Groups.Clear();
        foreach (var (topic, partitions) in entry.Partitions)
            partitions.RemoveWhere(partition => cluster.TryWriteMarker(topic, partition, entry, commits, coordinatorEpoch, nowMs));
        if (entry.Partitions.Values.Any(static partitions => partitions.Count > 0))
        {
            cluster.Timers.Schedule(nowMs + RetryMarkersMs, now => WriteMarkers(entry, coordinatorEpoch, now));
            return;
        }

        entry.Clear();
        entry.State = commits ? TransactionState.CompleteCommit : TransactionState.CompleteAbort;
        if (entry.NextProducerId >= 0)
        {
            (entry.PreviousProducerId, entry.ProducerId, entry.NextProducerId) = (entry.ProducerId, entry.NextProducerId, -1);
            (entry.LastEpoch, entry.Epoch) = (entry.Epoch, 0);
        }
    }
}
