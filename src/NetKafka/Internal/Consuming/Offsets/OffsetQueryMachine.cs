using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>
/// Answers users' questions for offsets: asks each leader, again where it failed, until the question's deadline.
/// </summary>
sealed class OffsetQueryMachine(ConsumerContext context) : Machine
{
    readonly List<OffsetQuery> _queries = [];
    readonly List<CommittedQuery> _committed = [];

    public void Add(OffsetQuery query)
    {
        _queries.Add(query);
        foreach (var topic in query.Topics)
            context.Cluster.Watch(topic);
        Wake();
    }

    public void AddCommitted(IReadOnlyList<TopicPartition> partitions, Call<IReadOnlyList<TopicPartitionOffset>> call)
    {
        _committed.Add(new CommittedQuery(partitions, call));
        Wake();
    }

    public void OnClusterChanged() => Wake();

    /// <summary>The consumer is over: who still waits is told so.</summary>
    public void Abort(Effects effects)
    {
        var error = new ObjectDisposedException("Consumer", "The consumer was disposed.");
        foreach (var query in _queries)
        {
            query.Call.Fail(error, effects);
            foreach (var topic in query.Topics)
                context.Cluster.Unwatch(topic);
        }
        foreach (var query in _committed)
            query.Call.Fail(error, effects);
        _queries.Clear();
        _committed.Clear();
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _queries.Count - 1; i >= 0; i--)
        {
            var query = _queries[i];
            if (TryEnd(query, now, effects))
                _queries.RemoveAt(i);
            else
                next = Instant.Earlier(next, Advance(query, now));
        }
        for (var i = _committed.Count - 1; i >= 0; i--)
        {
            var query = _committed[i];
            if (query.TryEnd(now, effects))
                _committed.RemoveAt(i);
            else
                next = Instant.Earlier(next, Advance(query, now));
        }
        return next;
    }

    bool TryEnd(OffsetQuery query, Instant now, Effects effects)
    {
        if (query.Call.IsAnswered)
        {
            // Cancelled by its user.
        }
        else if (query.Pending.Count == 0)
            query.Call.Succeed([.. query.Found.Values], effects);
        else if (query.LastError is { IsRetriable: false } error)
            query.Call.Fail(error, effects);
        else if (query.Call.Deadline <= now)
            query.Call.Fail(TimedOut(query), effects);
        else
            return false;
        foreach (var topic in query.Topics)
            context.Cluster.Unwatch(topic);
        return true;
    }

    KafkaTimeoutException TimedOut(OffsetQuery query)
    {
        var partition = query.Pending.Keys.First();
        var (code, why) = query.LastError is { } last ? (last.Code, $"the last error: {last.Message}") : WhyUnknown(partition);
        return new KafkaTimeoutException($"Offsets of {partition} were not found out in time (DefaultApiTimeout): "
            + $"{why}.", "offsets", query.LastError)
        {
            Code = code, Partition = partition, IsRetriable = true,
        };
    }

    /// <summary>Why nobody could be asked about a partition.</summary>
    (ErrorCode Code, string Why) WhyUnknown(TopicPartition partition) => context.Cluster.View.Topics.GetValueOrDefault(partition.Topic) switch
    {
        null => (ErrorCode.None, "no broker told of the topic; check BootstrapServers and that the brokers run"),
        { Error: not ErrorCode.None and var error } => (error, $"topic {partition.Topic} does not exist or cannot be seen "
            + $"({error.KafkaName()}); create it, or check its name"),
        { Partitions.Length: var count } when partition.Partition >= count =>
            (ErrorCode.UnknownTopicOrPartition, $"topic {partition.Topic} has {count} partitions, from 0"),
        _ => (ErrorCode.LeaderNotAvailable, "its leader is not known"),
    };

    Instant Advance(OffsetQuery query, Instant now)
    {
        if (query.UnderWay > 0)
            return query.Call.Deadline;
        if (query.NotBefore > now)
            return Instant.Earlier(query.NotBefore, query.Call.Deadline);
        foreach (var (node, group) in LeaderGroups.Of(query.Pending, item => item.Key, context.Cluster.View))
        {
            query.UnderWay++;
            var request = new Exchange<ListOffsetsRequest, ListOffsetsResponse>(
                version => OffsetMessages.ListOffsets(
                    group.Select(item => (item.Key, item.Value)), query.Isolation, context.Cluster.View, context.RequestTimeout, version),
                outcome => OnListed(query, outcome))
            {
                Timeout = context.RequestTimeout, Deadline = query.Call.Deadline, Owner = this,
            };
            context.Cluster.Send(request, RequestTarget.Broker(node), LaneKey.Control);
        }
        return query.Call.Deadline;
    }

    void OnListed(OffsetQuery query, Outcome<ListOffsetsResponse> outcome)
    {
        query.UnderWay--;
        Wake();
        if (!outcome.HasResponse)
        {
            query.LastError = ErrorOf(outcome.Failure);
            Pause(query, outcome.Now);
            return;
        }
        foreach (var row in OffsetMessages.Read(outcome.Response))
        {
            if (!query.Pending.ContainsKey(row.Partition))
                continue;
            if (row.Error is ErrorCode.None or ErrorCode.UnsupportedForMessageFormat)
            {
                query.Pending.Remove(row.Partition);
                query.Found[row.Partition] = new TopicPartitionTime(row.Partition.Topic, row.Partition.Partition, row.Error == ErrorCode.None ? row.Offset : -1, row.TimestampMs);
                continue;
            }
            query.LastError = ErrorOf(row.Error, $"Offsets of {row.Partition} could not be read", row.Partition);
            Pause(query, outcome.Now);
        }
    }

    Instant Advance(CommittedQuery query, Instant now)
    {
        if (query.IsUnderWay)
            return query.Call.Deadline;
        if (query.NotBefore > now)
            return Instant.Earlier(query.NotBefore, query.Call.Deadline);
        query.IsUnderWay = true;
        var group = context.Options.GroupId!;
        var request = new Exchange<OffsetFetchRequest, OffsetFetchResponse>(
            version => OffsetMessages.OffsetFetch(group, query.Partitions, version), outcome => OnCommitted(query, outcome))
        {
            MaxVersion = OffsetMessages.NewestOffsetFetch, Timeout = context.RequestTimeout, Deadline = query.Call.Deadline, Owner = this,
        };
        context.Cluster.Send(request, RequestTarget.Coordinator(CoordinatorKey.Group(group)), LaneKey.Control);
        return query.Call.Deadline;
    }

    void OnCommitted(CommittedQuery query, Outcome<OffsetFetchResponse> outcome)
    {
        query.IsUnderWay = false;
        Wake();
        if (!outcome.HasResponse)
        {
            query.LastError = ErrorOf(outcome.Failure);
            query.Pause(outcome.Now, context);
            return;
        }
        var group = context.Options.GroupId!;
        var (error, rows) = OffsetMessages.Read(outcome.Response, group);
        if (error is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            context.Cluster.ForgetCoordinator(CoordinatorKey.Group(group), outcome.NodeId);
        if (error == ErrorCode.None)
            error = rows.Select(row => row.Error).FirstOrDefault(said => said is not (ErrorCode.None or ErrorCode.UnknownTopicOrPartition));
        if (error == ErrorCode.None)
        {
            query.Result = [.. rows.Where(row => row.Offset >= 0 && row.Error == ErrorCode.None)
                .Select(row => new TopicPartitionOffset(row.Partition, row.Offset, row.LeaderEpoch) { Metadata = row.Metadata is "" ? null : row.Metadata }).OrderBy(row => row.TopicPartition)];
            return;
        }
        query.LastError = ErrorOf(error, $"Committed offsets of group '{group}' could not be read", null);
        query.Pause(outcome.Now, context);
    }

    void Pause(OffsetQuery query, Instant now)
    {
        query.Failures++;
        query.NotBefore = now + context.RetryBackoff.After(query.Failures, context.Random);
        context.Cluster.Refresh(context.Cluster.View.Generation);
    }

    static KafkaException ErrorOf(RequestFailure failure) =>
        new KafkaConnectionException(failure.Detail, failure.Cause)
        {
            Broker = failure.Broker, IsRetriable = failure.IsRetriable || failure.Reason == RequestFailureReason.Expired, Code = failure.Error,
        };

    static KafkaException ErrorOf(ErrorCode error, string what, TopicPartition? partition) => error.IsAuthorization()
        ? new KafkaAuthorizationException($"{what}: {error.KafkaName()}") { Code = error, Partition = partition }
        : new KafkaException($"{what}: {error.KafkaName()}")
        {
            Code = error, Partition = partition, IsRetriable = error.IsRetriable() || error == ErrorCode.UnknownServerError,
        };

    /// <summary>A user's question for committed offsets.</summary>
    sealed class CommittedQuery(IReadOnlyList<TopicPartition> partitions, Call<IReadOnlyList<TopicPartitionOffset>> call)
    {
        int _failures;

        public IReadOnlyList<TopicPartition> Partitions { get; } = partitions;

        public Call<IReadOnlyList<TopicPartitionOffset>> Call { get; } = call;

        public bool IsUnderWay { get; set; }

        public Instant NotBefore { get; private set; } = Instant.Start;

        public IReadOnlyList<TopicPartitionOffset>? Result { get; set; }

        public KafkaException? LastError { get; set; }

        public void Pause(Instant now, ConsumerContext context)
        {
            _failures++;
            NotBefore = now + context.RetryBackoff.After(_failures, context.Random);
        }

        public bool TryEnd(Instant now, Effects effects)
        {
            if (Call.IsAnswered)
                return true;
            if (Result is not null)
                Call.Succeed(Result, effects);
            else if (LastError is { IsRetriable: false })
                Call.Fail(LastError, effects);
            else if (Call.Deadline <= now)
                Call.Fail(new KafkaTimeoutException("Committed offsets were not read in time "
                    + "(DefaultApiTimeout)", "coordinator", LastError), effects);
            else
                return false;
            return true;
        }
    }
}
