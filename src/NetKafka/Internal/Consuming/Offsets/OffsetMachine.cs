using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>
/// Finds out where reading begins: the committed offset, else what the reset policy says, else where a seek wants to be; and
/// after a change of the leader whether the new one's log holds what was read (KIP-320). Only an answer of a broker ever
/// moves a position; a connection that breaks does not.
/// </summary>
sealed class OffsetMachine(ConsumerContext context, IPositionListener listener, IGroupMembership membership) : Machine
{
    const string NoGroup = "there is no group whose offset would count";

    readonly List<(AssignedPartition Partition, int Generation)> _batch = [];
    readonly List<Action<Effects>> _reports = [];
    readonly FormerTopics _topics = new();

    /// <summary>The cluster has changed: positions under another leader are looked into.</summary>
    public void OnClusterChanged(ClusterView view)
    {
        foreach (var partition in context.Assignment.Snapshot)
        {
            FollowTopic(partition, LeaderGroups.TopicIdOf(view, partition.Partition.Topic));
            var epoch = LeaderGroups.EpochOf(view, partition.Partition);
            if (partition.Stage != PositionStage.Ready || epoch <= partition.ValidatedEpoch)
                continue;
            // A position that was set before the topic was known has no epoch to be compared; from here on it has.
            if (partition.FetchEpoch >= 0)
                partition.Stage = PositionStage.Validation;
            else if (partition.ValidatedEpoch < 0)
                partition.ValidatedEpoch = epoch;
        }
        Wake();
    }

    /// <summary>Looks whether a topic that was deleted and created anew has the name of the one in whose log the position is.</summary>
    void FollowTopic(AssignedPartition partition, Guid id)
    {
        var isWaiting = partition is { Stage: PositionStage.Assigned, IsTaking: false };
        if (isWaiting && (id == membership.TopicIdOf(partition.Partition) || membership.TopicIdOf(partition.Partition) == Guid.Empty))
            Begin(partition);
        else if (!isWaiting && _topics.IsAnother(partition, id))
            LeaveLog(partition, id);
    }

    /// <summary>
    /// Of a log that had been read nothing is left, and nothing of the new one has been read: it begins at its beginning, whatever its leader's
    /// epoch. A position that was only looked up is looked up again, since it may be of either.
    /// </summary>
    void LeaveLog(AssignedPartition partition, Guid id)
    {
        var wasRead = partition.FetchedTopicId == partition.TopicId;
        var isGiven = membership.TopicIdOf(partition.Partition) != Guid.Empty;
        partition.TopicId = id;
        if (partition.Stage is PositionStage.Assigned or PositionStage.Failed)
            return;
        partition.LeaveReplica();
        (partition.FetchEpoch, partition.ValidatedEpoch) = (-1, -1);
        (partition.HighWatermark, partition.LastStableOffset, partition.LogStartOffset) = (-1, -1, -1);
        var isLookedUp = partition.Stage is PositionStage.Committed or PositionStage.Lookup;
        if (!isGiven && (isLookedUp || (!wasRead && context.Options.GroupId is null)))
            return;
        Positions.LookUp(context, partition, AssignedPartition.LookupEarliest);
        const string reason = "the topic was deleted and created anew";
        var goesOn = isGiven ? "the group gives out its partitions anew" : wasRead ? "it is read from its beginning" : "its position is looked up again";
        _reports.Add(effects => effects.Log(logger => ClientLog.PartitionProblem(logger, partition.Partition.ToString(), $"{reason}; {goesOn}")));
        // The coordinator gives partitions of a topic with its id, and the new one's may be another's.
        if (isGiven || !wasRead)
            Begin(partition);
        else if ((context.Options.OutOfRangeReset ?? context.Options.AutoOffsetReset).IsNone)
            Reset(partition, AutoOffsetReset.None, nameof(ConsumerOptions.AutoOffsetReset), reason, offset: -1);
    }

    /// <summary>Finds out where to begin, nothing else having been said.</summary>
    public void Begin(AssignedPartition partition)
    {
        partition.TopicId = membership.TopicIdOf(partition.Partition);
        if (context.Options.GroupId is null)
            Reset(partition, NoGroup);
        else
            partition.Stage = IsOfAnotherTopic(partition) ? PositionStage.Assigned : PositionStage.Committed;
        Wake();
    }

    /// <summary>Whether this member was given a partition of another topic than the one that has its name, as far as is known: then it waits.</summary>
    bool IsOfAnotherTopic(AssignedPartition partition)
    {
        var id = LeaderGroups.TopicIdOf(context.Cluster.View, partition.Partition.Topic);
        if (partition.TopicId == Guid.Empty || id == Guid.Empty || id == partition.TopicId)
            return false;
        if (!_topics.IsFormer(partition.TopicId))
            context.Cluster.Refresh(context.Cluster.View.Generation);
        return true;
    }

    /// <summary>The log does not hold the position: reading goes on where the rule for that says.</summary>
    public void OnOutOfRange(AssignedPartition partition)
    {
        var (rule, setting) = context.Options.OutOfRangeReset is { } own
            ? (own, nameof(ConsumerOptions.OutOfRangeReset))
            : (context.Options.AutoOffsetReset, nameof(ConsumerOptions.AutoOffsetReset));
#if NETKAFKA_CHECKED
        rule = Planted.Has(Bug.OutOfRangeBeginsLikeANewGroup) ? context.Options.AutoOffsetReset : rule;
#endif
        // Of a range what was deleted is left out, and the rest is read.
        if (partition.Bound != long.MaxValue)
            rule = AutoOffsetReset.Earliest;
        Reset(partition, rule, setting, $"the log does not hold offset {partition.FetchOffset}", partition.FetchOffset);
    }

    void Reset(AssignedPartition partition, string reason) =>
        Reset(partition, context.Options.AutoOffsetReset, nameof(ConsumerOptions.AutoOffsetReset), reason, offset: -1);

    void Reset(AssignedPartition partition, AutoOffsetReset rule, string setting, string reason, long offset)
    {
        if (rule.IsNone)
        {
            Fail(partition, new KafkaPositionException(
                $"{partition.Partition}: {reason}, and {setting} is None. Set the position by a seek, or choose another rule.")
            { Code = ErrorCode.OffsetOutOfRange, Partition = partition.Partition, Offset = offset });
            return;
        }
        context.Queue.Drop(partition);
        partition.LookUp(rule.TimestampAt(context.UnixMilliseconds()));
        _reports.Add(effects => effects.Log(logger => ClientLog.PositionReset(logger, partition.Partition.ToString(), reason, $"{rule}", setting)));
        Wake();
    }

    /// <summary>The partition cannot be read until a seek begins anew; the application is told.</summary>
    public void Fail(AssignedPartition partition, KafkaException error)
    {
        context.Queue.Drop(partition);
        partition.Stage = PositionStage.Failed;
        context.Queue.Fail(error);
        listener.OnPositionSettled(partition);
        Wake();
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        var next = Instant.Never;
        if (Collect(PositionStage.Committed, now, ref next))
            AskCommitted(now);
        if (Collect(PositionStage.Lookup, now, ref next))
        {
            foreach (var (node, group) in LeaderGroups.Of(_batch, item => item.Partition.Partition, context.Cluster.View))
                AskLeader(node, group, now);
        }
        if (Collect(PositionStage.Validation, now, ref next))
        {
            foreach (var (node, group) in LeaderGroups.Of(_batch, item => item.Partition.Partition, context.Cluster.View))
                AskEpoch(node, group, now);
        }
        return next;
    }

    /// <summary>Lists the partitions of a stage that nothing is asked for yet.</summary>
    bool Collect(PositionStage stage, Instant now, ref Instant next)
    {
        _batch.Clear();
        foreach (var partition in context.Assignment.Snapshot)
        {
            if (partition.Stage != stage || partition.AskedGeneration == partition.Generation)
                continue;
            if (partition.NotBefore > now)
                next = Instant.Earlier(next, partition.NotBefore);
            else
                _batch.Add((partition, partition.Generation));
        }
        return _batch.Count > 0;
    }

    void AskCommitted(Instant now)
    {
        var group = context.Options.GroupId!;
        var asked = Ask(_batch);
        var request = new Exchange<OffsetFetchRequest, OffsetFetchResponse>(
            version => OffsetMessages.OffsetFetch(group, asked.Select(item => item.Partition.Partition), version, membership),
            outcome => OnCommitted(asked, outcome))
        {
            MaxVersion = OffsetMessages.NewestOffsetFetch, Timeout = context.RequestTimeout, Deadline = now + context.RequestTimeout, Owner = this,
        };
        context.Cluster.Send(request, RequestTarget.Coordinator(CoordinatorKey.Group(group)), LaneKey.Control);
    }

    void OnCommitted(List<(AssignedPartition Partition, int Generation)> asked, Outcome<OffsetFetchResponse> outcome)
    {
        Wake();
        var pending = End(asked, PositionStage.Committed);
        if (!outcome.HasResponse)
        {
            OnFailure(pending, outcome.Failure, outcome.Now);
            return;
        }
        var (error, rows) = OffsetMessages.Read(outcome.Response, context.Options.GroupId!);
        if (error is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            context.Cluster.ForgetCoordinator(CoordinatorKey.Group(context.Options.GroupId!), outcome.NodeId);
        foreach (var partition in pending)
        {
            var row = rows.FirstOrDefault(row => row.Partition == partition.Partition);
            var said = error != ErrorCode.None ? error : row.Partition == default ? ErrorCode.UnknownServerError : row.Error;
            if (said == ErrorCode.None && row.Offset >= 0)
                TakeCommitted(partition, row);
            else if (said is ErrorCode.None or ErrorCode.UnknownTopicOrPartition)
                Reset(partition, $"group '{context.Options.GroupId}' has no committed offset");
            else
                OnError(partition, said, "the committed offset could not be read", outcome.Now);
        }
    }

    void TakeCommitted(AssignedPartition partition, in OffsetMessages.Committed row)
    {
        partition.CommitFloor = row.Offset;
        Settle(partition, row.Offset, row.LeaderEpoch);
        // The log may have been cut off below what the group has read.
        if (row.LeaderEpoch >= 0 && LeaderGroups.EpochOf(context.Cluster.View, partition.Partition) > row.LeaderEpoch)
            partition.Stage = PositionStage.Validation;
    }

    void AskLeader(int node, List<(AssignedPartition, int)> group, Instant now)
    {
        var asked = Ask(group);
        var wanted = asked.Select(item => (item.Partition.Partition, item.Partition.AskedTimestamp)).ToList();
        var request = new Exchange<ListOffsetsRequest, ListOffsetsResponse>(
            version => OffsetMessages.ListOffsets(wanted, context.Options.IsolationLevel, context.Cluster.View, context.RequestTimeout, version),
            outcome => OnListed(asked, outcome))
        {
            Timeout = context.RequestTimeout, Deadline = now + context.RequestTimeout, Owner = this,
        };
        context.Cluster.Send(request, RequestTarget.Broker(node), LaneKey.Control);
    }

    void OnListed(List<(AssignedPartition Partition, int Generation)> asked, Outcome<ListOffsetsResponse> outcome)
    {
        Wake();
        var pending = End(asked, PositionStage.Lookup);
        if (!outcome.HasResponse)
        {
            OnFailure(pending, outcome.Failure, outcome.Now);
            return;
        }
        var rows = OffsetMessages.Read(outcome.Response).ToList();
        foreach (var partition in pending)
        {
            var row = rows.FirstOrDefault(row => row.Partition == partition.Partition);
            var error = row.Partition == default ? ErrorCode.UnknownServerError : row.Error;
            if (error == ErrorCode.None && (row.Offset >= 0 || partition.LookupEnd.Offset >= 0))
                TakeListed(partition, row);
            else if (error is ErrorCode.None or ErrorCode.UnsupportedForMessageFormat && partition.AskedTimestamp != AssignedPartition.LookupLatest)
                (partition.IsEndLookedUp, partition.IsTimeUnknown) = (true, error != ErrorCode.None || partition.LookupTimestamp < 0);
            else
                OnError(partition, error, "its offsets could not be read", outcome.Now);
        }
    }

    /// <summary>
    /// Where no record is as young as is asked for, the end is; but between the two questions one may be written that is. So the first is
    /// asked once more, and only then the end that was found counts.
    /// </summary>
    void TakeListed(AssignedPartition partition, in OffsetMessages.Listed row)
    {
#if NETKAFKA_CHECKED
        var takesEnd = Planted.Has(Bug.RecordBeforeTheEndIsMissed);
#else
        const bool takesEnd = false;
#endif
        if (row.Offset < 0)
            Settle(partition, partition.LookupEnd.Offset, partition.LookupEnd.Epoch);
        else if (partition.IsEndLookedUp && !partition.IsTimeUnknown && !takesEnd)
            (partition.LookupEnd, partition.IsEndLookedUp) = ((row.Offset, row.LeaderEpoch), false);
        else
            Settle(partition, row.Offset, row.LeaderEpoch);
    }

    void AskEpoch(int node, List<(AssignedPartition, int)> group, Instant now)
    {
        var asked = Ask(group);
        var wanted = asked.Select(item => (item.Partition.Partition, item.Partition.FetchEpoch)).ToList();
        var request = new Exchange<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
            OffsetMessages.OffsetForLeaderEpoch(wanted, context.Cluster.View), outcome => OnEpoch(asked, outcome))
        {
            Timeout = context.RequestTimeout, Deadline = now + context.RequestTimeout, Owner = this,
        };
        context.Cluster.Send(request, RequestTarget.Broker(node), LaneKey.Control);
    }

    void OnEpoch(List<(AssignedPartition Partition, int Generation)> asked, Outcome<OffsetForLeaderEpochResponse> outcome)
    {
        Wake();
        var pending = End(asked, PositionStage.Validation);
        if (!outcome.HasResponse && outcome.Failure.Reason != RequestFailureReason.UnsupportedVersion)
        {
            OnFailure(pending, outcome.Failure, outcome.Now);
            return;
        }
        foreach (var partition in pending)
        {
            var row = outcome.Response?.Topics.FirstOrDefault(topic => topic.Topic == partition.Partition.Topic)?
                .Partitions.FirstOrDefault(row => row.Partition == partition.Partition.Partition);
            var error = row?.ErrorCode ?? (outcome.HasResponse ? ErrorCode.UnknownServerError : ErrorCode.UnsupportedVersion);
            if (error == ErrorCode.None)
                TakeEpoch(partition, row!.EndOffset, row.LeaderEpoch);
            else if (error is ErrorCode.UnsupportedVersion or ErrorCode.TopicAuthorizationFailed)
                Confirm(partition);
            else
                OnError(partition, error, "its position could not be validated", outcome.Now);
        }
    }

    void TakeEpoch(AssignedPartition partition, long endOffset, int epoch)
    {
#if NETKAFKA_CHECKED
        endOffset = Planted.Has(Bug.CutLogIsNotNoticed) ? -1 : endOffset;
#endif
        // An end that is not defined says that the broker does not know the epoch, not that records are lost.
        if (endOffset < 0 || epoch < 0 || endOffset >= partition.FetchOffset)
        {
            Confirm(partition);
            return;
        }
        var reason = $"the log was cut off at {endOffset} (epoch {epoch}), and reading had come to {partition.FetchOffset}";
        _reports.Add(effects => effects.Log(logger => ClientLog.PartitionProblem(logger, partition.Partition.ToString(), reason)));
        context.Queue.Cut(partition, endOffset, epoch);
        (partition.FetchOffset, partition.FetchEpoch) = (endOffset, epoch);
        Confirm(partition);
    }

    void Settle(AssignedPartition partition, long offset, int epoch)
    {
        context.Queue.GoOn(partition, offset, epoch);
        (partition.FetchOffset, partition.FetchEpoch) = (offset, epoch);
        Confirm(partition);
    }

    void Confirm(AssignedPartition partition)
    {
        partition.Succeed();
        partition.ValidatedEpoch = partition.AskedEpoch;
        // The answer may be an older leader's than the one that is known by now, which has a word on it too.
        var isOutdated = partition.FetchEpoch >= 0 && LeaderGroups.EpochOf(context.Cluster.View, partition.Partition) > partition.ValidatedEpoch;
        partition.Stage = isOutdated ? PositionStage.Validation : PositionStage.Ready;
        listener.OnPositionSettled(partition);
    }

    void OnError(AssignedPartition partition, ErrorCode error, string what, Instant now)
    {
        if (error.IsAuthorization())
        {
            Fail(partition, new KafkaAuthorizationException($"{partition.Partition}: {what}: {error.KafkaName()}. The "
                + "principal lacks a right on the topic or on the group.")
            { Code = error, Partition = partition.Partition });
            return;
        }
        // Of a member that was shut out a heartbeat tells more.
        var isOfMember = error is ErrorCode.StaleMemberEpoch or ErrorCode.UnknownMemberId;
        if (!error.IsRetriable() && !isOfMember && error is not (ErrorCode.UnknownServerError or ErrorCode.None))
        {
            Fail(partition, new KafkaException($"{partition.Partition}: {what}: {error.KafkaName()}")
            { Code = error, Partition = partition.Partition });
            return;
        }
        if (error.NeedsMetadataRefresh() || error == ErrorCode.UnknownLeaderEpoch)
            context.Cluster.Refresh(context.Cluster.View.Generation);
        partition.BackOff(now, context.RetryBackoff, context.Random);
    }

    void OnFailure(List<AssignedPartition> pending, RequestFailure failure, Instant now)
    {
        foreach (var partition in pending)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.BrokenConnectionResetsThePosition))
            {
                Reset(partition, failure.Detail);
                continue;
            }
#endif
            if (failure.Reason is RequestFailureReason.Refused or RequestFailureReason.UnsupportedVersion)
                Fail(partition, failure.Error.IsAuthorization()
                    ? new KafkaAuthorizationException(failure.Detail) { Code = failure.Error, Partition = partition.Partition }
                    : new KafkaException(failure.Detail) { Code = failure.Error, Partition = partition.Partition });
            else
                partition.BackOff(now, context.RetryBackoff, context.Random);
        }
        if (failure.Reason != RequestFailureReason.Closed)
            context.Cluster.Refresh(context.Cluster.View.Generation);
    }

    List<(AssignedPartition Partition, int Generation)> Ask(List<(AssignedPartition Partition, int Generation)> batch)
    {
        foreach (var (partition, generation) in batch)
        {
            (partition.AskedGeneration, partition.AskedEpoch) = (generation, LeaderGroups.EpochOf(context.Cluster.View, partition.Partition));
            if (partition.TopicId == Guid.Empty)
                partition.TopicId = LeaderGroups.TopicIdOf(context.Cluster.View, partition.Partition.Topic);
            partition.AskedTopicId = partition.TopicId;
        }
        return [.. batch];
    }

    /// <summary>The partitions whose answer still counts: not sought, revoked or paused since, and of the topic that was asked about.</summary>
    List<AssignedPartition> End(List<(AssignedPartition Partition, int Generation)> asked, PositionStage stage)
    {
        var pending = new List<AssignedPartition>();
        foreach (var (partition, generation) in asked)
        {
            if (partition.AskedGeneration == generation)
                partition.AskedGeneration = -1;
            if (partition.Generation == generation && partition.Stage == stage && partition.AskedTopicId == partition.TopicId
                && context.Assignment.TryGet(partition.Partition, out var assigned) && assigned == partition)
                pending.Add(partition);
        }
        return pending;
    }
}
