using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>
/// How many bytes of sealed batches may be on their way to one broker and back to their callers: as many as get through
/// within <c>BufferTime</c>, so that a full pipe costs a bounded time and not all of the buffer memory. Callers look before
/// they begin a batch and charge it once it is sealed; it is released when its callers are told.
/// <para>
/// The rate is what was queued when a batch was sealed by the time it took to get through, averaged over the last batches
/// that found the window at least half full: the others tell how fast records come, not how fast they go. The window is never
/// less than two round trips' worth, since a smaller one would itself be what holds the rate down.
/// </para>
/// </summary>
sealed class BrokerWindow
{
    // Until the rate is known, so many times the smallest window.
    const int FirstWindows = 4;

    // So much of the average is the newest batch's.
    const double Weight = 1.0 / 32;

    // The round trip is the shortest of the newest and of the period before.
    static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    readonly TimeSpan _bufferTime;
    readonly long _smallestBytes;
    readonly long _largestBytes;
    readonly Queue<Call<bool>> _waiting = new();
    readonly Lock _gate = new();
    Instant _periodBegan = Instant.Start;
    double _averageQueuedBytes;
    double _averageSeconds;
    TimeSpan _roundTrip = TimeSpan.MaxValue;
    TimeSpan _roundTripBefore = TimeSpan.MaxValue;
    long _limitBytes;
    long _queuedBytes;
    long _unansweredSince = Instant.Never.Ticks;
    long _endedAt;
    int _underWay;
    int _isPollWanted;
    volatile bool _hasWaiters;

    public BrokerWindow(int nodeId, TimeSpan bufferTime, long smallestBytes, long largestBytes)
    {
        (NodeId, _bufferTime, _smallestBytes, _largestBytes) = (nodeId, bufferTime, smallestBytes, largestBytes);
        _limitBytes = bufferTime == Timeout.InfiniteTimeSpan ? largestBytes : Math.Min(FirstWindows * smallestBytes, largestBytes);
    }

    public int NodeId { get; }

    /// <summary>Bytes of sealed batches whose callers do not know the outcome yet. Any thread.</summary>
    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>How many there may be. Any thread.</summary>
    public long LimitBytes => Volatile.Read(ref _limitBytes);

    /// <summary>Whether callers wait for the window to open.</summary>
    public bool HasWaiters => _hasWaiters;

    /// <summary>Waking a caller for each batch that leaves would cost more than the batch: they are woken at this many.</summary>
    long OpeningBytes => LimitBytes - LimitBytes / 4;

    /// <summary>Whether a batch may be begun. Any thread.</summary>
    /// <param name="hasWaited">Whether the caller waited for it already, and so may pass those that wait.</param>
    public bool IsOpen(bool hasWaited) => hasWaited || (!_hasWaiters && QueuedBytes < LimitBytes);

    /// <summary>A batch for the broker was sealed. Any thread.</summary>
    /// <returns>The bytes that are queued now.</returns>
    public long Charge(int bytes) => Interlocked.Add(ref _queuedBytes, bytes);

    /// <summary>Its callers are being told of its outcome, or there are none. Any thread.</summary>
    /// <returns>Whether callers wait, and may go on because of it.</returns>
    public bool Release(int bytes)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.WindowStaysShut))
            return false;
#endif
        var left = Interlocked.Add(ref _queuedBytes, -bytes);
        return _hasWaiters && left <= OpeningBytes && Interlocked.Exchange(ref _isPollWanted, 1) == 0;
    }

    /// <summary>A batch has got through. Any thread.</summary>
    /// <param name="queuedBytes">What was queued when it was charged.</param>
    /// <param name="time">How long it took since.</param>
    /// <param name="now">The time.</param>
    public void Learn(long queuedBytes, TimeSpan time, Instant now)
    {
        if (_bufferTime == Timeout.InfiniteTimeSpan || queuedBytes < LimitBytes / 2)
            return;
        lock (_gate)
        {
            var weight = _averageSeconds == 0 ? 1 : Weight;
            _averageQueuedBytes += weight * (queuedBytes - _averageQueuedBytes);
            _averageSeconds += weight * (time.TotalSeconds - _averageSeconds);
            if (now - _periodBegan >= Period)
                (_periodBegan, _roundTripBefore, _roundTrip) = (now, _roundTrip, TimeSpan.MaxValue);
            SetLimit();
        }
    }

    /// <summary>A request leaves for the broker. The machine's own.</summary>
    public void OnSent(Instant now)
    {
        Volatile.Write(ref _underWay, _underWay + 1);
        if (_unansweredSince == Instant.Never.Ticks)
            Volatile.Write(ref _unansweredSince, now.Ticks);
    }

    /// <summary>A request has its outcome. The machine's own.</summary>
    /// <param name="isAnswered">Whether that is an answer.</param>
    /// <param name="now">The time.</param>
    public void OnEnded(bool isAnswered, Instant now)
    {
        Volatile.Write(ref _endedAt, now.Ticks);
        Volatile.Write(ref _underWay, _underWay - 1);
        if (isAnswered)
            Volatile.Write(ref _unansweredSince, _underWay > 0 ? now.Ticks : Instant.Never.Ticks);
    }

    /// <summary>
    /// Whether the broker was sent something, and has answered nothing for longer than a time. Where nothing more is sent to it, it is no
    /// longer silent after a while, so that somebody tries. Any thread.
    /// </summary>
    public bool IsSilent(Instant now, TimeSpan time)
    {
        var since = Volatile.Read(ref _unansweredSince);
        return since != Instant.Never.Ticks && now.Ticks - since > time.Ticks
            && (Volatile.Read(ref _underWay) > 0 || now.Ticks - Volatile.Read(ref _endedAt) <= Period.Ticks);
    }

    /// <summary>The broker has answered a request. Any thread.</summary>
    public void LearnRoundTrip(TimeSpan time)
    {
        lock (_gate)
            _roundTrip = time < _roundTrip ? time : _roundTrip;
    }

    /// <summary>A caller waits until some of what is queued has got through.</summary>
    public void Add(Call<bool> call)
    {
        _waiting.Enqueue(call);
        _hasWaiters = true;
    }

    /// <summary>Lets callers go on that may.</summary>
    /// <param name="batchBytes">What each of them will take.</param>
    /// <param name="timeout">What a caller is told whose time is over.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Takes the answers.</param>
    /// <returns>When the first of those that still wait has waited long enough.</returns>
    public Instant Poll(int batchBytes, Func<BrokerWindow, Exception> timeout, Instant now, Effects effects)
    {
        // Before looking: whoever releases from here on either is seen here or asks again. Also a fence after Add.
        Interlocked.Exchange(ref _isPollWanted, 0);
        var queued = QueuedBytes;
        var isOpen = queued <= OpeningBytes;
        while (_waiting.TryPeek(out var call))
        {
            if (!call.IsAnswered)
            {
                if (isOpen && queued < LimitBytes)
                {
                    queued += batchBytes;
                    call.Succeed(true, effects);
                }
                else if (call.Deadline <= now)
                {
                    call.Fail(timeout(this), effects);
                }
                else
                {
                    break;
                }
            }
            _waiting.Dequeue();
        }
        _hasWaiters = _waiting.Count > 0;
        return _waiting.TryPeek(out var next) ? next.Deadline : Instant.Never;
    }

    /// <summary>Lets all callers look again.</summary>
    public void RouseAll(Effects effects)
    {
        foreach (var call in _waiting)
            call.Succeed(true, effects);
        _waiting.Clear();
        _hasWaiters = false;
    }

    public void FailAll(Func<Exception> error, Effects effects)
    {
        foreach (var call in _waiting)
            call.Fail(error(), effects);
        _waiting.Clear();
        _hasWaiters = false;
    }

    void SetLimit()
    {
        if (_averageSeconds <= 0)
            return;
        var roundTrip = _roundTrip < _roundTripBefore ? _roundTrip : _roundTripBefore;
        var seconds = Math.Max(_bufferTime.TotalSeconds, roundTrip == TimeSpan.MaxValue ? 0 : 2 * roundTrip.TotalSeconds);
        var bytes = _averageQueuedBytes / _averageSeconds * seconds;
        Volatile.Write(ref _limitBytes, (long)Math.Min(Math.Max(bytes, _smallestBytes), _largestBytes));
    }
}
