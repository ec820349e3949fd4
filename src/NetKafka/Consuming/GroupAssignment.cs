namespace NetKafka.Consuming;

/// <summary>
/// Who gets what: the answer of an assignor. Not thread-safe. What makes no sense (a member or partition that does not exist, a partition
/// given twice) may be added, and is refused when the assignor has answered.
/// </summary>
public sealed class GroupAssignment
{
    readonly SortedDictionary<string, Entry> _members = new(StringComparer.Ordinal);

    /// <summary>The members that have an entry, by their ids in ordinal order.</summary>
    public IReadOnlyCollection<string> MemberIds => _members.Keys;

    /// <summary>Gives a member one more partition.</summary>
    /// <param name="memberId">The member, as <see cref="MemberSubscription.MemberId"/> names it.</param>
    /// <param name="partition">The partition.</param>
    public void Add(string memberId, TopicPartition partition) => EntryOf(memberId).Partitions.Add(partition);

    /// <summary>Gives a member some partitions more, perhaps none.</summary>
    /// <param name="memberId">The member, as <see cref="MemberSubscription.MemberId"/> names it.</param>
    /// <param name="partitions">The partitions.</param>
    public void Add(string memberId, IEnumerable<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        EntryOf(memberId).Partitions.AddRange(partitions);
    }

    /// <summary>
    /// Says something to a member beside its partitions; its assignor is told by <see cref="ConsumerPartitionAssignor.OnAssignment"/>.
    /// </summary>
    /// <param name="memberId">The member, as <see cref="MemberSubscription.MemberId"/> names it.</param>
    /// <param name="userData">Any bytes; a few KiB at most are wise, since the coordinator keeps them. A copy is not made.</param>
    public void SetUserData(string memberId, ReadOnlyMemory<byte> userData) => EntryOf(memberId).UserData = userData;

    /// <summary>What a member was given so far, in the order in which it was given.</summary>
    /// <param name="memberId">The member.</param>
    /// <returns>Its partitions; none for a member without an entry.</returns>
    public IReadOnlyList<TopicPartition> PartitionsOf(string memberId) =>
        _members.TryGetValue(memberId, out var entry) ? entry.Partitions : [];

    /// <summary>What is said to a member beside its partitions.</summary>
    /// <param name="memberId">The member.</param>
    /// <returns>The bytes; empty where nothing is said.</returns>
    public ReadOnlyMemory<byte> UserDataOf(string memberId) => _members.TryGetValue(memberId, out var entry) ? entry.UserData : default;

    internal void Sort()
    {
        foreach (var entry in _members.Values)
            entry.Partitions.Sort();
    }

    internal void Withhold(Predicate<TopicPartition> isWithheld)
    {
        foreach (var entry in _members.Values)
            entry.Partitions.RemoveAll(isWithheld);
    }

    Entry EntryOf(string memberId)
    {
        ArgumentNullException.ThrowIfNull(memberId);
        if (!_members.TryGetValue(memberId, out var entry))
            _members.Add(memberId, entry = new Entry());
        return entry;
    }

    sealed class Entry
    {
        public List<TopicPartition> Partitions { get; } = [];

        public ReadOnlyMemory<byte> UserData { get; set; }
    }
}
