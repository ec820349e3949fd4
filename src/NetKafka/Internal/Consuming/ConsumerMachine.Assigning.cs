using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>Partitions that the application assigns by hand, one by one or as whole topics. Called inside the turn.</summary>
sealed partial class ConsumerMachine
{
    readonly SortedSet<TopicPartition> _assignedByHand = [];

    // How many partitions are known of the topics that are read as a whole.
    readonly SortedDictionary<string, int> _followed = new(StringComparer.Ordinal);

    /// <summary>Reads these partitions and no others from now on. Only without a subscription.</summary>
    /// <param name="starts">The partitions; an offset below 0 stands for the committed one or the rule where to begin.</param>
    /// <param name="call">Answered once all are taken over.</param>
    public void Assign(IReadOnlyList<TopicPartitionOffset> starts, Call<bool> call) => AssignFrom([.. starts.Select(PartitionStart.At)], call);

    /// <summary>As <see cref="Assign"/>, from places of any kind.</summary>
    public void AssignFrom(IReadOnlyList<PartitionStart> starts, Call<bool> call)
    {
        var wanted = new SortedSet<TopicPartition>(starts.Select(start => start.Partition));
        _followed.Clear();
        Change([.. _assignedByHand.Except(wanted)], starts, effects => call.Succeed(true, effects));
    }

    /// <summary>Reads these partitions too.</summary>
    public void AssignMore(IReadOnlyList<PartitionStart> starts, Call<bool> call) => Change([], starts, effects => call.Succeed(true, effects));

    /// <summary>Reads these partitions no longer; the others go on as they were.</summary>
    public void Unassign(IReadOnlyList<TopicPartition> partitions, Call<bool> call)
    {
        Change([.. partitions.Where(_assignedByHand.Contains)], [], effects => call.Succeed(true, effects));
        foreach (var topic in _followed.Keys.ToArray())
        {
            if (!_assignedByHand.Any(partition => partition.Topic == topic))
                _followed.Remove(topic);
        }
    }

    /// <summary>Reads all partitions of these topics and no others, from the same place on; and those that are added later, from their beginning.</summary>
    /// <param name="topics">How many partitions each has. The view of this moment may lack them: until they are assigned nobody keeps them there.</param>
    /// <param name="timestampMs">The place, as the wire has it.</param>
    /// <param name="call">Answered once all are taken over.</param>
    public void AssignTopics(IReadOnlyDictionary<string, int> topics, long timestampMs, Call<bool> call)
    {
        AssignFrom(
            [.. topics.SelectMany(static topic => Enumerable.Range(0, topic.Value), (topic, i) => new PartitionStart(new TopicPartition(topic.Key, i), TimestampMs: timestampMs))],
            call);
        foreach (var (topic, partitions) in topics)
            _followed[topic] = partitions;
    }

    /// <summary>Waits until it is known where reading of a partition begins.</summary>
    public void WaitForPosition(TopicPartition name, Call<bool> call, Effects effects)
    {
        if (!TryGetOwn(name, call, effects, out var partition))
            return;
        _positionWaits.Add(new PositionWait(partition, partition.Seeks, call));
        Wake();
    }

    /// <summary>Partitions that were added to a topic that is read as a whole are read from their beginning: nothing in them is older than the reader.</summary>
    void FollowTopics(ClusterView view)
    {
        foreach (var (topic, known) in _followed.ToArray())
        {
            var count = PartitionCount(view, topic);
            if (count <= known || _close is not null)
                continue;
            _followed[topic] = count;
#if NETKAFKA_CHECKED
            var place = Planted.Has(Bug.NewPartitionIsReadFromItsEnd) ? AssignedPartition.LookupLatest : AssignedPartition.LookupEarliest;
#else
            const long place = AssignedPartition.LookupEarliest;
#endif
            Change([], [.. Enumerable.Range(known, count - known).Select(i => new PartitionStart(new TopicPartition(topic, i), TimestampMs: place))], static _ => { });
        }
    }

    static int PartitionCount(ClusterView view, string topic) => view.Topics.TryGetValue(topic, out var known) ? known.Partitions.Length : 0;

    void Change(List<TopicPartition> removed, IReadOnlyList<PartitionStart> starts, Action<Effects> onDone)
    {
        List<TopicPartition> added = [.. starts.Select(start => start.Partition).Where(partition => !_assignedByHand.Contains(partition)).Distinct()];
        _assignedByHand.ExceptWith(removed);
        _assignedByHand.UnionWith(added);
        _isActive = true;
        var patience = _context.Options.DefaultApiTimeout;
        if (removed.Count > 0)
            _handovers.Begin(new Handover(HandoverKind.Revoked, removed, patience, callsHandlers: false, _ => { }));
        _handovers.Begin(new Handover(HandoverKind.Assigned, added, patience, callsHandlers: false, effects =>
        {
            _isAssigned = true;
            // Those that were assigned before go on as they were, unless it is said where.
            foreach (var start in starts)
            {
                if (!added.Contains(start.Partition) && _context.Assignment.TryGet(start.Partition, out var kept))
                    Positions.Begin(_context, kept, start);
            }
            onDone(effects);
            OnReader();
            _offsets.Wake();
        })
        { Starts = [.. starts] });
        Wake();
    }
}
