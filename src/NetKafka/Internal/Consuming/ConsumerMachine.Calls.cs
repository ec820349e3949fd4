using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Consuming.Offsets;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>What the application asks for, beside records. Called inside the turn.</summary>
sealed partial class ConsumerMachine
{
    /// <summary>Goes on at an offset.</summary>
    public void Seek(TopicPartitionOffset position, Call<bool> call, Effects effects)
    {
        if (!TryGetOwn(position.TopicPartition, call, effects, out var partition))
            return;
        Positions.Set(_context, partition, position.Offset, position.LeaderEpoch);
        call.Succeed(true, effects);
        OnReader();
    }

    /// <summary>Goes on where a moment, the beginning or the end is; answered once that is known.</summary>
    public void Seek(TopicPartition name, long timestampMs, Call<bool> call, Effects effects)
    {
        if (!TryGetOwn(name, call, effects, out var partition))
            return;
        Positions.LookUp(_context, partition, timestampMs);
        _positionWaits.Add(new PositionWait(partition, partition.Seeks, call));
        OnReader();
        _offsets.Wake();
    }

    /// <summary>Stops or resumes fetching partitions; those that are not assigned are left out.</summary>
    public void SetPaused(IReadOnlyList<TopicPartition> names, bool isPaused)
    {
        foreach (var name in names)
        {
            if (!_context.Assignment.TryGet(name, out var partition) || partition.IsPaused == isPaused)
                continue;
            partition.IsPaused = isPaused;
            if (isPaused)
                _context.Queue.Drop(partition);
        }
        OnReader();
        _offsets.Wake();
    }

    /// <summary>Waits until partitions have been assigned for the first time; joins the group if that was not begun.</summary>
    public void WaitForAssignment(Call<bool> call, Instant now)
    {
        _readAt = now;
        Activate("the application asked for its assignment");
        _assignmentWaits.Add(call);
        Wake();
    }

    /// <summary>Commits what is finished of all partitions.</summary>
    public void CommitFinished(Call<bool> call, Effects effects)
    {
        var entries = _commits.Finished(_context.Assignment.Snapshot);
        if (entries.Count == 0)
            call.Succeed(true, effects);
        else
            Commit(entries, isOwn: true, call, effects);
    }

    /// <summary>Commits these offsets.</summary>
    public void Commit(IReadOnlyList<TopicPartitionOffset> offsets, Call<bool> call, Effects effects)
    {
        var entries = new List<CommitJob.Entry>(offsets.Count);
        foreach (var offset in offsets)
        {
            if (!_context.Assignment.TryGet(offset.TopicPartition, out var partition) || partition.IsHandedOver)
            {
#if NETKAFKA_CHECKED
                if (Planted.Has(Bug.CommitNamesWhatWasGivenUp))
                {
                    entries.Add(new CommitJob.Entry(offset, new AssignedPartition(offset.TopicPartition), 0));
                    continue;
                }
#endif
                call.Fail(NotAssigned(offset.TopicPartition, "its offset was not committed: it would rewind its owner"), effects);
                return;
            }
            entries.Add(new CommitJob.Entry(offset, partition, partition.Seeks));
        }
        Commit(entries, isOwn: false, call, effects);
    }

    /// <summary>Says under which membership these partitions are read, as long as all of them are.</summary>
    public void DescribeMembership(IReadOnlyList<TopicPartition> partitions, Call<ConsumerGroupMetadata> call, Effects effects)
    {
        foreach (var partition in partitions)
        {
            if (_context.Assignment.TryGet(partition, out _))
                continue;
            call.Fail(NotAssigned(partition, "its offset is not this member's to commit"), effects);
            return;
        }
        DescribeMembership(call, effects);
    }

    /// <summary>
    /// Says under which membership partitions are read, as long as all of them have been this member's ever since: one that went to another
    /// member and came back has been worked on there.
    /// </summary>
    public void DescribeMembership(IReadOnlyList<ProcessedPartition> partitions, Call<ConsumerGroupMetadata> call, Effects effects)
    {
        foreach (var processed in partitions)
        {
            if (IsStillAssigned(processed.Partition))
                continue;
            call.Fail(new KafkaException(
                $"{processed.Partition.Partition} was taken away from this consumer in the middle of a transaction: another member goes on where the last one has ended.")
            { IsRetriable = true, Partition = processed.Partition.Partition }, effects);
            return;
        }
        DescribeMembership(call, effects);
    }

    /// <summary>Goes back to where a transaction has begun to read, in what is still this member's.</summary>
    public void Rewind(IReadOnlyList<ProcessedPartition> partitions, Call<bool> call, Effects effects)
    {
        foreach (var processed in partitions)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.AbortDoesNotRewind))
                break;
#endif
            if (IsStillAssigned(processed.Partition) && !processed.Partition.IsRevoking)
                Positions.Set(_context, processed.Partition, processed.StartOffset, processed.StartEpoch);
        }
        call.Succeed(true, effects);
        OnReader();
    }

    bool IsStillAssigned(AssignedPartition partition)
    {
        var isAssigned = _context.Assignment.TryGet(partition.Partition, out var assigned);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.ReturnedPartitionIsTakenForKept))
            return isAssigned;
#endif
        return isAssigned && assigned == partition;
    }

    void DescribeMembership(Call<ConsumerGroupMetadata> call, Effects effects)
    {
        var group = _context.Options.GroupId!;
        if (_member is null)
            call.Succeed(new ConsumerGroupMetadata(group, "", -1, null), effects);
        else if (CanCommit)
            call.Succeed(new ConsumerGroupMetadata(group, MemberId, Generation, _context.Options.GroupInstanceId), effects);
        else
            call.Fail(new KafkaException($"This consumer is no member of group '{group}' at present (it joins the group, or was taken for dead).")
            { IsRetriable = true }, effects);
    }

    public void QueryTopic(string topic, Call<ClusterView> call) => _topics.Add(topic, call);

    public void Query(OffsetQuery query) => _queries.Add(query);

    public void QueryCommitted(IReadOnlyList<TopicPartition> partitions, Call<IReadOnlyList<TopicPartitionOffset>> call) =>
        _queries.AddCommitted(partitions, call);

    void Commit(List<CommitJob.Entry> entries, bool isOwn, Call<bool> call, Effects effects)
    {
        if (!CanCommit)
        {
            call.Fail(new KafkaException(
                $"Offsets of group '{_context.Options.GroupId}' were not committed: this consumer is no member at present "
                    + "(it joins the group, or was taken for dead).")
            { IsRetriable = true }, effects);
            return;
        }
        _commits.Add(new CommitJob(entries, call.Deadline, isOwn, IsLast: false, (error, done) =>
        {
            if (error is null)
                call.Succeed(true, done);
            else
                call.Fail(error, done);
        }));
    }

    bool TryGetOwn(TopicPartition name, Call<bool> call, Effects effects, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AssignedPartition? partition)
    {
        if (_context.Assignment.TryGet(name, out partition) && !partition.IsRevoking)
            return true;
        partition = null;
        call.Fail(NotAssigned(name, "its position cannot be set"), effects);
        return false;
    }

    static KafkaException NotAssigned(TopicPartition name, string consequence) =>
        new($"{name} is not assigned to this consumer, or is being given up, so {consequence}.") { Partition = name };

    /// <summary>Answers those who wait for positions or for partitions.</summary>
    Instant AnswerWaits(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _positionWaits.Count - 1; i >= 0; i--)
        {
            var (partition, seeks, call) = _positionWaits[i];
            if (partition.Seeks != seeks || partition.Stage == PositionStage.Ready)
                call.Succeed(true, effects);
            else if (partition.Stage == PositionStage.Failed || partition.IsRevoking)
                call.Fail(NotAssigned(partition.Partition, "its position could not be set"), effects);
            else if (call.Deadline <= now)
                call.Fail(new KafkaTimeoutException($"The position of {partition.Partition} was not found out in time "
                    + "(DefaultApiTimeout).", "offsets"), effects);
            if (call.IsAnswered)
                _positionWaits.RemoveAt(i);
            else
                next = Instant.Earlier(next, call.Deadline);
        }
        for (var i = _assignmentWaits.Count - 1; i >= 0; i--)
        {
            var call = _assignmentWaits[i];
            if (_fatal is not null)
                call.Fail(_fatal, effects);
            else if (_isAssigned && _handovers.IsIdle)
                call.Succeed(true, effects);
            else if (call.Deadline <= now)
                call.Fail(new KafkaTimeoutException("No partitions were assigned in time "
                    + "(DefaultApiTimeout).", "assignment"), effects);
            if (call.IsAnswered)
                _assignmentWaits.RemoveAt(i);
            else
                next = Instant.Earlier(next, call.Deadline);
        }
        return next;
    }
}
