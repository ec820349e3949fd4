using System.Buffers.Binary;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Connections;

/// <summary>
/// The requests of one connection: those that wait, those that were written and wait for their answers, in order, and the
/// buffer that carries them. It is filled while nothing is on the wire, so what came meanwhile leaves in one send.
/// </summary>
sealed class RequestPipeline(string clientId, int maxInFlight)
{
    const int InitialBufferBytes = 4096;

    // One send carries at most so many bytes, so that the first answer does not wait for a long queue.
    const int MaxSendBytes = 4 * 1024 * 1024;

    readonly Queue<BrokerRequest> _waiting = new();
    // One more than may be under way, for the connection's own questions.
    readonly BoundedQueue<InFlight> _inFlight = new(maxInFlight + 1);
    readonly Queue<Unanswered> _unanswered = new();
    readonly SendBuffer _buffer = new(InitialBufferBytes);
    int _correlationId;
    int _notYetSent;

    public int WaitingCount => _waiting.Count;

    public int InFlightCount => _inFlight.Count;

    public bool IsEmpty => _waiting.Count == 0 && _inFlight.Count == 0 && !IsSending && _buffer.IsEmpty;

    /// <summary>Whether a buffer is lent to the transport.</summary>
    public bool IsSending { get; private set; }

    /// <summary>
    /// Whether the request whose answer comes next may still be in the hands of the transport. Its answer must wait: with it
    /// the sender takes its buffers back.
    /// </summary>
    public bool IsNextUnsent => _inFlight.Count > 0 && _inFlight.Count == _notYetSent;

    /// <summary>How large the next answer may be to be received in one piece.</summary>
    public int LargestNextAnswer => _inFlight.TryPeek(out var next) ? next.Request.LargestAnswer : 0;

    public void Enqueue(BrokerRequest request) => _waiting.Enqueue(request);

    /// <summary>Writes one request now, past those that wait. For the connection's own questions.</summary>
    public void WriteFirst(BrokerRequest request, short version, Instant now) => Write(request, version, now);

    /// <summary>Writes as many waiting requests as may be on the way.</summary>
    public void Fill(VersionTable versions, string broker, Instant now)
    {
        while (!IsSending && _inFlight.Count < maxInFlight && _buffer.Writer.Length + _buffer.BorrowedBytes < MaxSendBytes
            && _waiting.TryDequeue(out var request))
        {
            if (request.IsAbandoned)
                continue;
            if (request.Deadline <= now)
            {
                request.Fail(Expired(request, broker), now);
                continue;
            }
            var version = versions.Newest(request.ApiKey, request.LowestVersion, request.HighestVersion);
#if NETKAFKA_CHECKED
            version = Planted.Has(Bug.VersionsAreNotAgreedOn) ? request.HighestVersion : version;
#endif
            if (version < 0)
                request.Fail(Unsupported(request, versions, broker), now);
            else
                Write(request, version, now);
        }
    }

    /// <summary>The buffer to send, if there is something in it and nothing is being sent. Lent until <see cref="OnSent"/>.</summary>
    public SendBuffer? TryBeginSend()
    {
        if (IsSending || _buffer.IsEmpty)
            return null;
        _buffer.Complete();
        IsSending = true;
        return _buffer;
    }

    public void OnSent(Instant now)
    {
        IsSending = false;
        _buffer.Reset();
        _notYetSent = 0;
        while (_unanswered.TryDequeue(out var entry))
            entry.Request.EndWrite(now);
    }

    /// <summary>Hands a frame to the request it answers.</summary>
    /// <returns>For how long the broker wants to be left alone (KIP-219).</returns>
    /// <exception cref="InvalidDataException">The frame answers nothing that was asked.</exception>
    /// <exception cref="MalformedMessageException">The body cannot be read.</exception>
    public TimeSpan OnFrame(ReadOnlyMemory<byte> frame, Lease? lease, int nodeId, Instant now)
    {
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(frame.Span);
        if (!_inFlight.TryPeek(out var next) || next.CorrelationId != correlationId)
        {
            var wanted = _inFlight.Count == 0 ? "none is expected" : $"{next.CorrelationId} ({next.Request.ApiKey}) is next";
            throw new InvalidDataException($"an answer has the correlation id {correlationId}, while {wanted}");
        }
        var reader = new KafkaReader(frame, "ResponseHeader", next.HeaderVersion);
        ResponseFrame.ReadHeader(ref reader, next.HeaderVersion);
        var answer = new Answer(frame[reader.Position..], next.Version, lease, nodeId, now);
        // A malformed body leaves the request where it is: it fails with the connection.
        var isDropped = next.Request.IsAbandoned || next.IsTimedOut;
#if NETKAFKA_CHECKED
        isDropped &= !Planted.Has(Bug.LateAnswerIsTaken);
#endif
        var throttle = isDropped ? next.Request.ThrottleOf(answer) : next.Request.Take(answer);
        _inFlight.TryDequeue(out _);
        return throttle;
    }

    /// <summary>Gives up what waits too long.</summary>
    /// <returns>False where the broker has taken too long, so that the connection must go.</returns>
    public bool TryGiveUpLate(string broker, Instant now)
    {
        ExpireWaiting(broker, now);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.SilenceIsWaitedOut))
            return true;
#endif
        // All of these belong to the send under way.
        if (_unanswered.TryPeek(out var oldest) && oldest.TimeoutAt <= now)
            return false;
        var sent = _inFlight.Count - _notYetSent;
        for (var i = 0; i < _inFlight.Count; i++)
        {
            ref var entry = ref _inFlight[i];
            if (entry.TimeoutAt <= now)
                return false;
            if (sent-- <= 0 || entry.IsTimedOut || entry.Request.IsAbandoned || entry.Request.Deadline > now)
                continue;
            entry.IsTimedOut = true;
            entry.Request.Fail(TimedOut(entry.Request, broker), now);
        }
        return true;
    }

    /// <summary>Gives up requests that were not written before their deadline.</summary>
    public void ExpireWaiting(string broker, Instant now)
    {
        for (var left = _waiting.Count; left > 0; left--)
        {
            var request = _waiting.Dequeue();
            if (request.IsAbandoned)
                continue;
            if (request.Deadline <= now)
            {
                request.Fail(Expired(request, broker), now);
                continue;
            }
            _waiting.Enqueue(request);
        }
    }

    /// <summary>When the next request that waits to be written is late.</summary>
    public Instant NextExpiry()
    {
        var next = Instant.Never;
        foreach (var request in _waiting)
            next = Instant.Earlier(next, request.Deadline);
        return next;
    }

    /// <summary>When the next request that was written is late.</summary>
    public Instant NextTimeout()
    {
        var next = _unanswered.TryPeek(out var oldest) ? oldest.TimeoutAt : Instant.Never;
        var sent = _inFlight.Count - _notYetSent;
        for (var i = 0; i < _inFlight.Count; i++)
        {
            ref readonly var entry = ref _inFlight[i];
            next = Instant.Earlier(next, entry.TimeoutAt);
            if (sent-- > 0 && !entry.IsTimedOut && !entry.Request.IsAbandoned)
                next = Instant.Earlier(next, entry.Request.Deadline);
        }
        return next;
    }

    /// <summary>The connection is gone and no buffer of it is in use: everything that was written fails as it deserves.</summary>
    public void FailInFlight(RequestFailure failure, Instant now)
    {
        IsSending = false;
#if NETKAFKA_CHECKED
        if (!Planted.Has(Bug.HalfARequestStays))
#endif
        _buffer.Reset();
        _notYetSent = 0;
        // Closing down does not undo what was written: its fate is unknown.
        failure = failure with { MayHaveHappened = true };
#if NETKAFKA_CHECKED
        failure = failure with { MayHaveHappened = !Planted.Has(Bug.LostIsNotSent) };
#endif
        while (_unanswered.TryDequeue(out var unanswered))
            unanswered.Request.Fail(failure, now);
        var isFirst = true;
        while (_inFlight.TryDequeue(out var entry))
        {
            if (!entry.Request.IsAbandoned && !entry.IsTimedOut)
                entry.Request.Fail(FailureOf(entry, failure, isFirst, now), now);
            isFirst = false;
        }
    }

    public void FailWaiting(RequestFailure failure, Instant now)
    {
        for (var left = _waiting.Count; left > 0; left--)
        {
            var request = _waiting.Dequeue();
            if (!request.IsAbandoned)
                request.Fail(failure, now);
        }
    }

    static RequestFailure FailureOf(in InFlight entry, RequestFailure failure, bool isFirst, Instant now)
    {
        if (entry.TimeoutAt <= now)
            return TimedOut(entry.Request, failure.Broker);
        // Only the answer that was next can be the malformed one.
        return failure.Reason == RequestFailureReason.Malformed && !isFirst
            ? failure with { Reason = RequestFailureReason.Lost }
            : failure;
    }

    void Write(BrokerRequest request, short version, Instant now)
    {
        var start = _buffer.Writer.Length;
        var borrowed = _buffer.BorrowedBytes;
        var correlationId = _correlationId = (_correlationId + 1) & int.MaxValue;
        try
        {
            _buffer.Writer.WriteInt32(0);
            RequestFrame.WriteHeader(
                _buffer.Writer, request.ApiKey, version, request.RequestHeaderVersion(version), correlationId, clientId);
            request.Write(_buffer, version);
        }
        catch (InvalidMessageException error)
        {
            _buffer.TruncateTo(start);
            request.Fail(new RequestFailure(RequestFailureReason.Unwritable, "", error.Message, error), now);
            return;
        }
        catch (Exception error)
        {
            _buffer.TruncateTo(start);
            if (request.Owner?.TakeFault(error) != true)
                throw;
            return;
        }
        var size = _buffer.Writer.Length - start - 4 + (_buffer.BorrowedBytes - borrowed);
        _buffer.Writer.PatchInt32(start, checked((int)size));
        if (!request.HasAnswer)
        {
            _unanswered.Enqueue(new Unanswered(request, now + request.Timeout));
            return;
        }
        _notYetSent++;
        _inFlight.TryEnqueue(new InFlight(request, correlationId, version, request.ResponseHeaderVersion(version), now + request.Timeout));
    }

    static RequestFailure Expired(BrokerRequest request, string broker) =>
        new(RequestFailureReason.Expired, broker, $"{request.ApiKey} was not sent to {broker} before its deadline: no connection was ready in time");

    static RequestFailure TimedOut(BrokerRequest request, string broker) =>
        new(RequestFailureReason.TimedOut, broker, $"{request.ApiKey} was sent to {broker}, and no answer came in time (RequestTimeout)");

    static RequestFailure Unsupported(BrokerRequest request, VersionTable versions, string broker)
    {
        var since = versions.IsTooOldFor(request.ApiKey, request.LowestVersion) ? ApiReleases.Since(request.ApiKey, request.LowestVersion) : null;
        return new(RequestFailureReason.UnsupportedVersion, broker,
            $"{broker} speaks {request.ApiKey} in versions {versions.Describe(request.ApiKey)}, and this call needs {request.LowestVersion} to {request.HighestVersion}"
            + (since is null ? "" : $", which Kafka serves from {since} on"));
    }

    /// <summary>A request that nobody answers, until it has left.</summary>
    readonly record struct Unanswered(BrokerRequest Request, Instant TimeoutAt);

    /// <summary>A request that was written. Entries are few and live as long as a round trip.</summary>
    struct InFlight(BrokerRequest request, int correlationId, short version, short headerVersion, Instant timeoutAt)
    {
        public BrokerRequest Request { get; } = request;

        public int CorrelationId { get; } = correlationId;

        public short Version { get; } = version;

        public short HeaderVersion { get; } = headerVersion;

        public Instant TimeoutAt { get; } = timeoutAt;

        /// <summary>Its owner was told that the deadline passed; the answer will be dropped.</summary>
        public bool IsTimedOut { get; set; }
    }
}
