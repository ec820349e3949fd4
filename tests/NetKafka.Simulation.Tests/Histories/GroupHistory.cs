namespace NetKafka.Simulation.Tests.Histories;

/// <summary>
/// What the members of one group were given and have finished, and what they committed. A commit is held against it the moment
/// a broker reads it.
/// </summary>
sealed class GroupHistory(Action<string, string> violation)
{
    readonly List<Delivery> _deliveries = [];
    readonly List<KeyedDelivery> _keyed = [];
    readonly Dictionary<(string Member, string Topic, int Partition), SortedSet<long>> _finishedInAnyOrder = [];
    readonly Dictionary<(string Member, string Topic, int Partition), SortedSet<long>> _ahead = [];
    readonly Dictionary<(string Member, string Topic, int Partition), long> _runs = [];
    readonly Dictionary<(string Topic, int Partition), PartitionProgress> _partitions = [];
    readonly Dictionary<(string Member, string Topic, int Partition), long> _finishedBy = [];
    readonly Dictionary<(string Topic, int Partition), SortedSet<string>> _owners = [];
    readonly Dictionary<(string Member, string Topic, int Partition), List<long>> _starts = [];
    readonly HashSet<(string Topic, int Partition, long Offset)> _late = [];
    readonly HashSet<(string Topic, int Partition)> _takenBack = [];
    readonly HashSet<string> _expelled = [];
    readonly HashSet<(string Topic, int Partition)> _givenUpInChaos = [];
    readonly Dictionary<(string Topic, int Partition), (string Member, long Next)> _newest = [];

    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>What was given to members that work on many records at a time.</summary>
    public IReadOnlyList<KeyedDelivery> KeyedDeliveries => _keyed;

    /// <summary>A broker reads a commit of a member that is not in the generation any more, and will refuse it.</summary>
    public void CommitTooLate(string topic, int partition, long offset) => _late.Add((topic, partition, offset));

    /// <summary>Whether this offset was committed too late.</summary>
    public bool IsLate(string topic, int partition, long offset) => _late.Contains((topic, partition, offset));

    /// <summary>A commit that was sent long ago comes to a broker, and counts: what was committed since is taken back.</summary>
    public void TakeBack(string topic, int partition, long offset)
    {
        if (offset < Of(topic, partition).Committed)
            _takenBack.Add((topic, partition));
    }

    /// <summary>A commit is held at a broker, and may count behind newer ones.</summary>
    public void MayTakeBack(string topic, int partition) => _takenBack.Add((topic, partition));

    /// <summary>Whether what was committed may have been taken back.</summary>
    public bool MayBeTakenBack(string topic, int partition) => _takenBack.Contains((topic, partition));

    /// <summary>Whether a commit was denied, or refused for a rebalance that there was not: what was finished need not be committed then.</summary>
    public bool HasDeniedCommits { get; set; }

    /// <summary>A member that its coordinator does not count any more has asked it for something.</summary>
    public void Expel(string member) => _expelled.Add(member);

    /// <summary>Whether a member was taken for dead, or too late for a rebalance.</summary>
    public bool IsExpelled(string member) => _expelled.Contains(member);

    /// <summary>Whether all faults have ended, so that every commit has to come through.</summary>
    public bool IsHealed { get; set; }

    /// <summary>How many commits were looked at.</summary>
    public int Commits { get; private set; }

    /// <summary>
    /// A member is given a record. The first one of an assignment is where the group had come to, or has come to since by others, which
    /// have the partition by now without its knowing.
    /// </summary>
    /// <param name="delivery">What it is given.</param>
    /// <param name="isGone">Whether that is of a topic that has been deleted.</param>
    public void Deliver(in Delivery delivery, bool isGone = false)
    {
        _deliveries.Add(delivery);
        if (isGone)
            return;
        var (topic, partition, offset) = (delivery.Topic, delivery.Partition, delivery.Offset);
        if (!_starts.Remove((delivery.Member, topic, partition), out var starts)
            || starts.Exists(start => Of(topic, partition).AreRemoved(start, offset)))
            return;
        violation(
            offset < starts[0] ? "P9 monotonic reads" : "P8 no poll skip",
            $"{delivery.Member} begins {topic}-{partition} at {offset}, and the group had come to {string.Join(", then ", starts)}");
    }

    /// <summary>
    /// A member that keeps the order of keys alone begins with a record. Nothing that it begins with lies before the place where the group had
    /// come to.
    /// </summary>
    /// <param name="delivery">What it is given.</param>
    /// <param name="isGone">Whether that is of a topic that has been deleted.</param>
    public void Deliver(in KeyedDelivery delivery, bool isGone = false)
    {
        _keyed.Add(delivery);
        if (isGone)
            return;
        var (member, _, topic, partition, offset, _) = delivery.Record;
        if (_starts.Remove((member, topic, partition), out var starts) && offset < starts[0])
            violation("P9 monotonic reads", $"{member} begins {topic}-{partition} with {offset}, and the group had come to {starts[0]}");
    }

    /// <summary>A member takes a partition: P12, no other one that the coordinator counts still has it.</summary>
    /// <param name="member">The member.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="committed">The group's offset at this moment; −1 for none.</param>
    /// <param name="isCounted">Whether the coordinator has a member in its generation.</param>
    public void Take(string member, string topic, int partition, long committed, Func<string, bool> isCounted)
    {
        if (!_owners.TryGetValue((topic, partition), out var owners))
            _owners.Add((topic, partition), owners = new SortedSet<string>(StringComparer.Ordinal));
        foreach (var other in owners)
        {
            if (other != member && isCounted(other) && isCounted(member))
                violation("P12 one owner", $"{member} takes {topic}-{partition}, which {other} has");
        }
        owners.Add(member);
        _givenUpInChaos.Remove((topic, partition));
        _newest[(topic, partition)] = (member, 0);
        _starts[(member, topic, partition)] = [Math.Max(0, committed)];
        _runs[(member, topic, partition)] = Math.Max(0, committed);
    }

    /// <summary>Whether every member that has a partition is one that the coordinator counts.</summary>
    public bool AreOwnersCounted(Func<string, bool> isCounted) => _owners.Values.All(owners => owners.All(isCounted));

    /// <summary>A member has given a partition up, or lost it, or is dead.</summary>
    public void GiveUp(string member, string topic, int partition)
    {
        if (_owners.TryGetValue((topic, partition), out var owners))
            owners.Remove(member);
        _starts.Remove((member, topic, partition));
        if (!IsHealed && _newest.GetValueOrDefault((topic, partition)).Member == member)
            _givenUpInChaos.Add((topic, partition));
    }

    /// <summary>The application has handled a record and asks for the next.</summary>
    public void Finish(string member, string topic, int partition, long offset)
    {
        Of(topic, partition).Finish(offset);
        _finishedBy[(member, topic, partition)] = offset;
        if (_newest.TryGetValue((topic, partition), out var newest) && newest.Member == member)
            _newest[(topic, partition)] = (member, offset + 1);
    }

    /// <summary>The handler of a record has ended, of a member that works on many at a time.</summary>
    /// <param name="member">The member.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset.</param>
    /// <param name="counts">Whether the partition has been the member's ever since the handler began.</param>
    public void FinishInAnyOrder(string member, string topic, int partition, long offset, bool counts)
    {
        Of(topic, partition).Finish(offset);
        if (!_finishedInAnyOrder.TryGetValue((member, topic, partition), out var finished))
            _finishedInAnyOrder.Add((member, topic, partition), finished = []);
        finished.Add(offset);
        if (!_ahead.TryGetValue((member, topic, partition), out var ahead))
            _ahead.Add((member, topic, partition), ahead = []);
        if (!counts || !ahead.Add(offset) || !_newest.TryGetValue((topic, partition), out var newest) || newest.Member != member)
            return;
        var next = Math.Max(newest.Next, _runs[(member, topic, partition)]);
        var reached = next;
        while (ahead.Contains(reached) || Of(topic, partition).AreRemoved(reached, reached + 1))
            reached++;
        if (reached > next)
            _newest[(topic, partition)] = (member, reached);
    }

    /// <summary>
    /// A member that works on many records at a time reads a partition again from where it has come to: what it has finished beyond comes
    /// again, and counts when that has been handled.
    /// </summary>
    public void ReadAgain(string member, string topic, int partition) => _ahead.Remove((member, topic, partition));

    /// <summary>A topic was deleted and created anew: what was read and committed of it counts for nothing, and its owners begin at the beginning.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="hasOtherOwners">Whether the owners of the old one own nothing of the new one.</param>
    public void BeginAnew(string topic, bool hasOtherOwners)
    {
        if (hasOtherOwners)
            Forget(_owners, key => key.Topic == topic);
        Forget(_partitions, key => key.Topic == topic);
        Forget(_finishedBy, key => key.Topic == topic);
        Forget(_finishedInAnyOrder, key => key.Topic == topic);
        Forget(_ahead, key => key.Topic == topic);
        Forget(_starts, key => key.Topic == topic);
        foreach (var key in _runs.Keys.Where(key => key.Topic == topic).ToArray())
            _runs[key] = 0;
        foreach (var key in _newest.Keys.Where(key => key.Topic == topic).ToArray())
            _newest[key] = (_newest[key].Member, 0);
        _late.RemoveWhere(late => late.Topic == topic);
    }

    static void Forget<TKey, TValue>(Dictionary<TKey, TValue> kept, Func<TKey, bool> isGone)
        where TKey : notnull
    {
        foreach (var key in kept.Keys.Where(isGone).ToArray())
            kept.Remove(key);
    }

    /// <summary>A record was deleted or compacted away: nobody has to read it any more.</summary>
    public void Remove(string topic, int partition, long offset) => Of(topic, partition).Remove(offset);

    /// <summary>The offset below which every record was finished by somebody.</summary>
    public long FinishedUpTo(string topic, int partition) => Of(topic, partition).FinishedUpTo;

    /// <summary>A broker reads a commit: P10, it names nothing that its member has not finished; P11, nor anything before it that nobody has.</summary>
    public void Commit(string member, string topic, int partition, long offset)
    {
        Commits++;
        var progress = Of(topic, partition);
        if (offset > progress.FinishedUpTo)
            violation("P11 at least once", $"{member} commits {topic}-{partition}@{offset}, and record {progress.FinishedUpTo} was finished by nobody");
        if (_finishedInAnyOrder.TryGetValue((member, topic, partition), out var ahead))
            CheckGaps(member, topic, partition, offset, progress, ahead);
        else
            CheckReached(member, topic, partition, offset, progress);
        progress.Committed = Math.Max(progress.Committed, offset);
        foreach (var (waiting, starts) in _starts)
        {
            if (waiting.Member != member && (waiting.Topic, waiting.Partition) == (topic, partition))
                starts.Add(offset);
        }
    }

    /// <summary>Of a member that finishes in any order: it has finished each record that nobody had committed before.</summary>
    void CheckGaps(string member, string topic, int partition, long offset, PartitionProgress progress, SortedSet<long> finished)
    {
        for (var before = progress.Committed; before < offset; before++)
        {
            if (finished.Contains(before) || progress.AreRemoved(before, before + 1))
                continue;
            violation("P10 commit never outruns", $"{member} commits {topic}-{partition}@{offset}, and has not finished {before}");
            return;
        }
    }

    void CheckReached(string member, string topic, int partition, long offset, PartitionProgress progress)
    {
        var finished = _finishedBy.GetValueOrDefault((member, topic, partition), -1);
        // A member may commit again what it was given as its start, and go on from there over what was removed.
        var reached = Math.Max(finished + 1, progress.Committed);
        if (offset > reached && !progress.AreRemoved(reached, offset))
            violation("P10 commit never outruns", $"{member} commits {topic}-{partition}@{offset}, and has finished up to {finished}");
    }

    /// <summary>
    /// All members have left in order: P11, the group has committed what the newest owner of the partition has finished of it. What an owner
    /// before could not commit in its time is read again; the run may be over before that. So it may for the newest one, if it gave the
    /// partition up while there were faults, and a broker was asked to commit.
    /// </summary>
    public void CheckCommitted(string topic, int partition, long committed)
    {
        var finished = _newest.GetValueOrDefault((topic, partition)).Next;
        if (_givenUpInChaos.Contains((topic, partition)) && Of(topic, partition).Committed >= finished)
            return;
        // A member that the group has gone on without hears so from the answer to its last commit.
        if (committed < finished && !Of(topic, partition).AreRemoved(committed, finished) && !IsLate(topic, partition, finished) && !MayBeTakenBack(topic, partition))
            violation("P11 finished is committed", $"{topic}-{partition} was finished up to {finished}, and the group has committed {committed}");
    }

    /// <summary>A member is dead: it has nothing any more.</summary>
    public void Bury(string member)
    {
        foreach (var owners in _owners.Values)
            owners.Remove(member);
    }

    PartitionProgress Of(string topic, int partition)
    {
        if (!_partitions.TryGetValue((topic, partition), out var progress))
            _partitions.Add((topic, partition), progress = new PartitionProgress());
        return progress;
    }

    sealed class PartitionProgress
    {
        readonly HashSet<long> _ahead = [];
        readonly HashSet<long> _removed = [];

        public long FinishedUpTo { get; private set; }

        public long Committed { get; set; }

        /// <summary>Whether no record is left from an offset up to another; none is between one and itself.</summary>
        public bool AreRemoved(long from, long to)
        {
            for (var offset = from; offset < to; offset++)
            {
                if (!_removed.Contains(offset))
                    return false;
            }
            return from <= to;
        }

        public void Remove(long offset)
        {
            _removed.Add(offset);
            if (offset >= FinishedUpTo)
                Finish(offset);
        }

        public void Finish(long offset)
        {
            _ahead.Add(offset);
            while (_ahead.Remove(FinishedUpTo))
                FinishedUpTo++;
        }
    }
}
