using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The callers that wait before their records are in: for metadata, for buffer memory, for a busy broker; and those that wait
/// for a flush. A call that ended otherwise (a token, usually) is dropped when it is met.
/// </summary>
sealed class ProducerWaits(
    ICluster cluster, ProducerOptions options, Accumulator accumulator, Func<RequestFailure?> lastFailure,
    Action<ProducerTopic> forget)
{
    // Where the buffer is full all the time, waking a caller for each batch that leaves would cost more than the batch: he is
    // woken once a quarter of it is free, or this long after there is room for him.
    static readonly TimeSpan RoomPatience = TimeSpan.FromMilliseconds(2);

    readonly List<TopicWait> _topics = [];
    readonly LinkedList<(int Bytes, Call<bool> Call)> _room = new();
    readonly List<BrokerWindow> _busy = [];
    readonly List<Flush> _flushes = [];
    Instant _nextTopicDeadline = Instant.Never;
    Instant _giveRoomAt = Instant.Never;

    public bool HasFlushes => _flushes.Count > 0;

    public bool HasRoomWaiters => _room.Count > 0;

    /// <summary>Whether the waits for metadata are to be looked at.</summary>
    public bool IsViewNew { get; set; }

    public void AddTopic(in TopicWait wait)
    {
        _topics.Add(wait);
        IsViewNew = true;
    }

    /// <param name="bytes">How much room is wanted.</param>
    /// <param name="call">What the caller waits on.</param>
    /// <param name="isAgain">He was told that there is room and somebody was faster: he comes first.</param>
    public void AddRoom(int bytes, Call<bool> call, bool isAgain)
    {
        if (isAgain)
            _room.AddFirst((bytes, call));
        else
            _room.AddLast((bytes, call));
        accumulator.Memory.HasWaiters = true;
    }

    /// <param name="window">Whose broker is busy.</param>
    /// <param name="call">What the caller waits on.</param>
    public void AddBusy(BrokerWindow window, Call<bool> call)
    {
        if (!window.HasWaiters)
            _busy.Add(window);
        window.Add(call);
    }

    /// <summary>Whether somebody waits for the topic, or for a partition of it.</summary>
    public bool IsWanted(ProducerTopic topic) => _topics.Exists(wait => wait.Topic == topic);

    /// <summary>Waits until every record that waits now is in a batch, and then for the end of every batch.</summary>
    public void AddFlush(Call<bool> call)
    {
        accumulator.Waiting.IsAwaited = true;
        _flushes.Add(new Flush(accumulator.Waiting.Last, -1, call));
    }

    /// <summary>Answers those whose wait is over.</summary>
    /// <returns>The next deadline.</returns>
    public Instant Poll(Instant now, Effects effects)
    {
        if (IsViewNew || _nextTopicDeadline <= now)
            LookAtTopics(now, effects);
        GiveRoom(now, effects);
        EndFlushes(effects);
        var next = Instant.Earlier(Instant.Earlier(_nextTopicDeadline, _giveRoomAt), OpenWindows(now, effects));
        return Instant.Earlier(next, _room.First is { } first ? first.Value.Call.Deadline : Instant.Never);
    }

    /// <summary>Lets all who wait before their records are in look again.</summary>
    public void RouseRecords(Effects effects)
    {
        var topics = _topics.ToArray();
        _topics.Clear();
        foreach (var wait in topics)
        {
            wait.Call.Succeed(true, effects);
            if (wait.Topic.Partitions is null)
                forget(wait.Topic);
        }
        foreach (var (_, call) in _room)
            call.Succeed(true, effects);
        foreach (var window in _busy)
            window.RouseAll(effects);
        _room.Clear();
        _busy.Clear();
        accumulator.Memory.HasWaiters = false;
    }

    /// <summary>Fails all of them.</summary>
    public void FailAll(Func<Exception> error, Effects effects)
    {
        foreach (var wait in _topics)
            wait.Call.Fail(error(), effects);
        foreach (var (_, call) in _room)
            call.Fail(error(), effects);
        foreach (var window in _busy)
            window.FailAll(error, effects);
        foreach (var flush in _flushes)
            flush.Call.Fail(error(), effects);
        _topics.Clear();
        _busy.Clear();
        _room.Clear();
        _flushes.Clear();
        _nextTopicDeadline = Instant.Never;
        accumulator.Memory.HasWaiters = false;
    }

    void LookAtTopics(Instant now, Effects effects)
    {
        IsViewNew = false;
        _nextTopicDeadline = Instant.Never;
        for (var i = _topics.Count - 1; i >= 0; i--)
        {
            var wait = _topics[i];
            if (wait.Call.IsAnswered || IsKnown(wait) || ErrorOf(wait, now) is not null)
                continue;
            _nextTopicDeadline = Instant.Earlier(_nextTopicDeadline, wait.Call.Deadline);
        }
        // Answered in the order in which they came.
        foreach (var wait in _topics)
        {
            if (IsKnown(wait))
                wait.Call.Succeed(true, effects);
            else if (ErrorOf(wait, now) is { } error)
                wait.Call.Fail(error, effects);
        }
        var ended = _topics.FindAll(static wait => wait.Call.IsAnswered);
        _topics.RemoveAll(static wait => wait.Call.IsAnswered);
        foreach (var wait in ended)
        {
            if (wait.Topic.Partitions is null && !_topics.Exists(other => other.Topic == wait.Topic))
                forget(wait.Topic);
        }
    }

    static bool IsKnown(in TopicWait wait) =>
        wait.Topic.Partitions is { } partitions && wait.Partition < partitions.All.Length;

    KafkaException? ErrorOf(in TopicWait wait, Instant now)
    {
        var name = wait.Topic.Name;
        var view = cluster.View.Topics.GetValueOrDefault(name);
        switch (view?.Error)
        {
            case ErrorCode.TopicAuthorizationFailed:
                return new KafkaAuthorizationException(
                    $"The cluster tells nothing of topic {name}: the client's principal needs the DESCRIBE and WRITE permissions on it.")
                {
                    Code = ErrorCode.TopicAuthorizationFailed, Fate = RecordFate.NotWritten,
                };
            case ErrorCode.InvalidTopicException:
                return TopicNames.Refusal(name);
        }
        if (wait.Call.Deadline > now)
            return null;
        var limit = $"{options.MaxBlock.TotalSeconds:0.###} s (MaxBlock)";
        var failure = lastFailure();
        string message;
        if (wait.Topic.Partitions is { } partitions)
            message = $"Topic {name} has {partitions.All.Length} partitions, from 0, and a record asks for {wait.Partition}; it did not come into being within {limit}.";
        else if (view is not null)
            message = $"Topic {name} does not exist ({view.Error.KafkaName()}) and was not created within {limit}: create it, or check its name; the brokers may have auto.create.topics.enable=false.";
        else
            message = $"No broker told of topic {name} within {limit}: {failure?.Detail ?? "no answer came"}. Check BootstrapServers and that the brokers run.";
        return new KafkaTimeoutException(message, "metadata", failure?.Cause)
        {
            Code = view?.Error ?? ErrorCode.None,
            Broker = view is null ? failure?.Broker : null,
            IsRetriable = true,
        };
    }

    void GiveRoom(Instant now, Effects effects)
    {
        var free = accumulator.Memory.FreeBytes;
        var isOpen = free >= accumulator.Memory.LimitBytes / 4 || _giveRoomAt <= now;
        while (_room.First is { } first)
        {
            var (bytes, call) = first.Value;
            if (!call.IsAnswered)
            {
                if (bytes <= free && isOpen)
                {
                    free -= bytes;
                    call.Succeed(true, effects);
                }
                else if (call.Deadline <= now)
                {
                    call.Fail(NoRoom(bytes), effects);
                }
                else
                {
                    break;
                }
            }
            _room.RemoveFirst();
        }
        if (_room.First is not { } next || next.Value.Bytes > free)
            _giveRoomAt = Instant.Never;
        else if (_giveRoomAt <= now || _giveRoomAt == Instant.Never)
            _giveRoomAt = now + RoomPatience;
        accumulator.Memory.HasWaiters = _room.Count > 0;
    }

    Instant OpenWindows(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _busy.Count - 1; i >= 0; i--)
        {
            next = Instant.Earlier(next, _busy[i].Poll(options.BatchSize, StillBusy, now, effects));
            if (!_busy[i].HasWaiters)
                _busy.RemoveAt(i);
        }
        return next;
    }

    KafkaTimeoutException StillBusy(BrokerWindow window) => new(
        $"Node {window.NodeId} did not take enough of the {window.QueuedBytes} bytes that wait for it within {options.MaxBlock.TotalSeconds:0.###} s (MaxBlock); "
        + $"BufferTime allows {window.LimitBytes} at the rate it showed. Produce less, or raise BufferTime.", "buffer time", lastFailure()?.Cause)
    {
        IsRetriable = true,
    };

    KafkaTimeoutException NoRoom(int bytes) => new(
        $"No {bytes} bytes of the {options.BufferMemory} of BufferMemory came free within {options.MaxBlock.TotalSeconds:0.###} s (MaxBlock): "
        + "records come faster than the brokers take them, or no broker takes any. Produce less, or raise BufferMemory.", "buffer memory", lastFailure()?.Cause)
    {
        IsRetriable = true,
    };

    void EndFlushes(Effects effects)
    {
        if (_flushes.Count == 0)
            return;
        var firstWaiting = accumulator.Waiting.First;
        for (var i = 0; i < _flushes.Count; i++)
        {
            if (_flushes[i].Ordinal < 0 && firstWaiting > _flushes[i].Ticket)
                _flushes[i] = _flushes[i] with { Ordinal = accumulator.Incomplete.LastOrdinal };
        }
        var first = accumulator.Incomplete.FirstOrdinal;
        foreach (var flush in _flushes)
        {
            if (flush.Ordinal >= 0 && first > flush.Ordinal)
                flush.Call.Succeed(true, effects);
        }
        _flushes.RemoveAll(static flush => flush.Call.IsAnswered);
    }

    /// <summary>A flush.</summary>
    /// <param name="Ticket">The youngest record that waited when it began.</param>
    /// <param name="Ordinal">The youngest batch once those were in; −1 before.</param>
    /// <param name="Call">Who waits.</param>
    readonly record struct Flush(long Ticket, long Ordinal, Call<bool> Call);
}
