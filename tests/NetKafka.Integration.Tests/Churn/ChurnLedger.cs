using System.Diagnostics;

namespace NetKafka.Integration.Tests.Churn;

/// <summary>
/// What the members of a group were given and have finished, held against the rules as it happens. Members that are dead say nothing any more. One
/// whose partition another takes over has been given up by the coordinator, since it stood still or its machine did, and has to be told so: else
/// there are two owners.
/// </summary>
sealed class ChurnLedger(int partitions, TimeSpan session)
{
    const int MostMistakes = 20;

    readonly Lock _gate = new();
    readonly Share[] _shares = [.. Enumerable.Range(0, partitions).Select(static _ => new Share())];
    readonly List<string> _mistakes = [];
    readonly HashSet<(ChurnMember Member, int Partition)> _toBeLost = [];
    long _finished;

    /// <summary>How many records are finished, each counted once.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>How many records came again, for a reason.</summary>
    public long Repeats { get; private set; }

    /// <summary>How often partitions went from one member to another.</summary>
    public int Moves { get; private set; }

    public IReadOnlyList<string> Mistakes
    {
        get
        {
            lock (_gate)
                return [.. _mistakes];
        }
    }

    /// <summary>The first offset of each partition that is not finished.</summary>
    public long[] Ends
    {
        get
        {
            lock (_gate)
                return [.. _shares.Select(static share => share.Finished)];
        }
    }

    /// <summary>Whether all that is finished is committed.</summary>
    public bool IsAllCommitted
    {
        get
        {
            lock (_gate)
                return Array.TrueForAll(_shares, static share => share.Committed == share.Finished);
        }
    }

    /// <summary>Whether every member that lives has been told of what others have taken over from it.</summary>
    public bool IsAllLossTold
    {
        get
        {
            lock (_gate)
                return !_toBeLost.Any(static due => due.Member.IsReading) && Array.TrueForAll(_shares, static share => share.Rival is null);
        }
    }

    /// <summary>Whether others have all that a member had when it stood still.</summary>
    public bool HasNothing(ChurnMember member)
    {
        lock (_gate)
            return _shares.All(share => !share.IsOf(member));
    }

    /// <summary>
    /// A member is given partitions. Where an answer from before it stood still says so, and it may have lost its membership since, one that another
    /// has is either's: one of the two is told so before long.
    /// </summary>
    public void Assign(ChurnMember member, IReadOnlyList<TopicPartition> given)
    {
        lock (_gate)
        {
            if (member.IsDead)
                return;
            foreach (var partition in given.Select(static partition => partition.Partition))
            {
                var share = _shares[partition];
                var other = share.Owner is { IsDead: false } && share.Owner != member ? share.Owner : null;
                share.MayRepeat |= member.HasOldAnswer || (share.Owner is not null && share.Owner != member);
                if (share.Rival is { } rival && rival != member)
                    _toBeLost.Add((rival, partition));
                share.Rival = null;
                if (other is not null && member.HasOldAnswer)
                {
                    share.Rival = member;
                    share.Note($"{member} is given it by an old answer");
                    continue;
                }
                if (other is not null)
                    _toBeLost.Add((other, partition));
                Moves += share.LastOwner == member ? 0 : 1;
                (share.Owner, share.LastOwner, share.Next) = (member, member, -1);
                share.Note($"{member} has it, and {share.Finished} is to come{(share.MayRepeat ? " or one before" : "")}");
            }
            (member.IsSuspect, member.HasOldAnswer) = (member.HasOldAnswer, false);
        }
    }

    /// <summary>
    /// A member gives partitions up in order: the next one begins behind what it has finished. It may do so with what it has lost where that is what
    /// the coordinator asked for before the member stood still, and it has heard nothing since.
    /// </summary>
    public void Revoke(ChurnMember member, IReadOnlyList<TopicPartition> given)
    {
        lock (_gate)
        {
            foreach (var partition in given.Select(static partition => partition.Partition))
            {
                if (_toBeLost.Remove((member, partition)) && member.IsReading && !member.HasOldAnswer)
                    Mistake($"{member} was told to give partition {partition} up, which it had lost");
                var share = _shares[partition];
                share.Leave(member, mayRepeat: IsSuspect(member));
                share.Note($"{member} gives it up behind {share.Finished}, and {share.Committed} was seen to be committed");
            }
            member.HasOldAnswer = false;
        }
    }

    public void Lose(ChurnMember member, IReadOnlyList<TopicPartition> lost)
    {
        lock (_gate)
        {
            foreach (var partition in lost.Select(static partition => partition.Partition))
            {
                _toBeLost.Remove((member, partition));
                var share = _shares[partition];
                share.Leave(member, mayRepeat: true);
                share.Note($"{member} has lost it");
            }
            (member.IsSuspect, member.HasOldAnswer) = (false, false);
        }
    }

    /// <summary>A member has ended without a word.</summary>
    public void Die(ChurnMember member)
    {
        lock (_gate)
        {
            member.IsDead = true;
            Doubt(member);
            Note(member, "dies");
            foreach (var share in _shares.Where(share => share.Rival is not null && share.IsOf(member)))
                share.Leave(member, mayRepeat: true);
        }
    }

    /// <summary>A member stands still.</summary>
    public void Hold(ChurnMember member)
    {
        lock (_gate)
        {
            (member.WasHeld, member.HeldSince) = (true, Stopwatch.GetTimestamp());
            foreach (var share in _shares)
                share.MayRepeat |= share.Owner is null && share.LastOwner == member;
            Note(member, "stands still");
        }
    }

    /// <summary>A member goes on. It may be none any more, until it is told something.</summary>
    /// <param name="member">The member.</param>
    /// <param name="letGo">Lets through what was held up, and says whether an answer was among it.</param>
    public void LetGo(ChurnMember member, Func<bool> letGo)
    {
        lock (_gate)
        {
            member.IsSuspect |= IsSuspect(member);
            member.HeldSince = null;
            member.HasOldAnswer = letGo() && member.IsSuspect;
            Note(member, "goes on");
        }
    }

    /// <summary>A record is given to a member.</summary>
    public void Take(ChurnMember member, int partition, long offset)
    {
        lock (_gate)
        {
            var share = _shares[partition];
            // Of one that was given up this comes from its buffers.
            if (member.IsDead || !share.IsOf(member))
            {
                if (!member.IsDead && !member.WasHeld && !_toBeLost.Contains((member, partition)))
                    Mistake($"{member} reads {partition}@{offset}, which {share.Owner?.ToString() ?? "nobody"} has");
                return;
            }
            // Of two that may have it each goes its own way.
            if (share.Rival is not null)
                return;
            var isFirst = share.Next < 0;
            var isInOrder = isFirst && share.MayRepeat ? offset <= share.Finished : offset == (isFirst ? share.Finished : share.Next);
            if (!isInOrder)
                Mistake($"{member} reads {partition}@{offset}{(isFirst ? " first" : $" behind {share.Next - 1}")}, and {share.Finished} was to come{(share.MayRepeat ? " or one before" : "")}: {share.Story}");
            (share.Next, share.MayRepeat) = (offset + 1, isFirst ? false : share.MayRepeat);
        }
    }

    /// <summary>A member has finished a record.</summary>
    public void Finish(ChurnMember member, int partition, long offset)
    {
        lock (_gate)
        {
            var share = _shares[partition];
            if (member.IsDead || !share.IsOf(member))
                return;
            if (offset < share.Finished)
            {
                Repeats++;
                return;
            }
            share.Finished = offset + 1;
            Volatile.Write(ref _finished, _finished + 1);
        }
    }

    /// <summary>Whether the coordinator may have given a member up.</summary>
    bool IsSuspect(ChurnMember member) => member.IsSuspect || (member.HeldSince is { } since && Stopwatch.GetElapsedTime(since) > session);

    /// <summary>What a member has, or has given up just now, it may not have committed.</summary>
    void Doubt(ChurnMember member)
    {
        foreach (var share in _shares)
            share.MayRepeat |= share.Owner == member || (share.Owner is null && share.LastOwner == member);
    }

    void Note(ChurnMember member, string what)
    {
        foreach (var share in _shares.Where(share => share.Owner == member || share.LastOwner == member))
            share.Note($"{member} {what}");
    }

    /// <summary>What the group has committed, as it was a moment ago.</summary>
    public void Commit(int partition, long offset)
    {
        lock (_gate)
        {
            var share = _shares[partition];
            if (offset > share.Finished)
                Mistake($"partition {partition} is committed up to {offset}, and finished up to {share.Finished}: {share.Story}");
            if (offset < share.Committed)
                Mistake($"the commit of partition {partition} went back from {share.Committed} to {offset}");
            share.Committed = Math.Max(share.Committed, offset);
        }
    }

    /// <summary>Something that must not be.</summary>
    public void Mistake(string what)
    {
        lock (_gate)
        {
            if (_mistakes.Count < MostMistakes)
                _mistakes.Add($"{DateTime.UtcNow:HH:mm:ss.fff} {what}");
        }
    }

    sealed class Share
    {
        const int MostNotes = 24;

        readonly Queue<string> _notes = [];

        /// <summary>What became of the partition lately.</summary>
        public string Story => string.Join("; ", _notes);

        public bool IsOf(ChurnMember member) => Owner == member || Rival == member;

        /// <summary>A member has it no more; a rival has it then.</summary>
        public void Leave(ChurnMember member, bool mayRepeat)
        {
            if (Rival is not null && IsOf(member))
            {
                Owner = Owner == member ? Rival : Owner;
                (LastOwner, Rival, Next, MayRepeat) = (Owner, null, -1, true);
            }
            else if (Owner == member && !member.IsDead)
                (Owner, MayRepeat) = (null, MayRepeat || mayRepeat);
        }

        public void Note(string what)
        {
            if (_notes.Count == MostNotes)
                _notes.Dequeue();
            _notes.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {what}");
        }

        public ChurnMember? Owner { get; set; }

        public ChurnMember? LastOwner { get; set; }

        /// <summary>Another that may have it instead of the owner; the coordinator alone knows which.</summary>
        public ChurnMember? Rival { get; set; }

        /// <summary>Whether the next owner may be given again what was finished.</summary>
        public bool MayRepeat { get; set; }

        /// <summary>What the owner is to be given next; −1 before its first record.</summary>
        public long Next { get; set; } = -1;

        public long Finished { get; set; }

        public long Committed { get; set; } = -1;
    }
}
