using System.Net;
using System.Net.Sockets;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// One socket with a thread that connects, waits for bytes and runs the turns of what it received. Sending is tried at once,
/// on the thread that runs the turn; only what the socket does not take is left to a second thread, which exists from the
/// first time on. The socket does not block, so the runtime's poller has no part in it.
/// <para>
/// It keeps count of what is under way: closed is told once the count is zero, so no buffer is touched after.
/// </para>
/// </summary>
/// <param name="number">The connection's number.</param>
/// <param name="sink">Who is told.</param>
/// <param name="onThreadEnded">Told when the receiving thread is free for another connection.</param>
sealed class ThreadConnection(int number, IEventSink sink, Action onThreadEnded) : ISocketConnection
{
    // The runtime sends up to eight pieces without allocating; more go in further calls.
    const int MaxSegmentsPerCall = 8;
    const int NoLimit = -1;

    readonly object _receiveGate = new();
    readonly object _sendGate = new();
    readonly List<ArraySegment<byte>> _segments = [];
    readonly List<ArraySegment<byte>> _chunk = new(MaxSegmentsPerCall);
    Socket? _socket;
    ArraySegment<byte> _lent;
    Thread? _sender;
    int _nextSegment;
    int _sentOfSegment;
    Receiver? _receiver;
    bool _hasReceive;
    bool _hasSend;
    bool _isClosed;
    bool _isSendClosed;

    // From the moment at which received bytes are handed to the loop until the thread is back.
    volatile bool _isLent;

    // Whether something was sent meanwhile: its answer may be near.
    volatile bool _isAnswerDue;

    NearAnswers _nearAnswers;

    // One for the open connection itself, one for each thing under way.
    int _underWay = 1;

    public void Connect(IPEndPoint endpoint)
    {
        Begin();
        try
        {
            _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        }
        catch (SocketException error)
        {
            onThreadEnded();
            End(new LoopEvent(LoopEventKind.Connected, number, Error: error));
            return;
        }
        var first = _receiver = new Receiver(this);
        StartReceiver(() => Open(endpoint, first));
    }

    public void Receive(ArraySegment<byte> buffer)
    {
        Begin();
        lock (_receiveGate)
        {
            (_lent, _hasReceive) = (buffer, true);
            Monitor.PulseAll(_receiveGate);
        }
    }

    public void Send(SendBuffer bytes)
    {
        if (_isLent)
        {
            _isAnswerDue = true;
            sink.Watch(_receiver!);
        }
        Begin();
        bytes.CopySegmentsTo(_segments);
        (_nextSegment, _sentOfSegment) = (0, 0);
        if (TrySend(out var error))
            End(new LoopEvent(LoopEventKind.Sent, number, Error: error));
        else
            CallSender();
    }

    public void Close()
    {
        // Ends a blocking connect, and both threads' waiting, too.
        _socket?.Dispose();
        // A thread that is lent may be kept for long, and what it was to receive ends only when somebody asks for it.
        if (_isLent)
            Replace();
        lock (_receiveGate)
        {
            _isClosed = true;
            Monitor.PulseAll(_receiveGate);
        }
        lock (_sendGate)
        {
            _isSendClosed = true;
            Monitor.Pulse(_sendGate);
        }
        EndCount();
    }

    /// <summary>Lets another thread receive from now on.</summary>
    void Replace()
    {
        Receiver next;
        lock (_receiveGate)
        {
            if (_isClosed)
                return;
            next = _receiver = new Receiver(this);
        }
        StartReceiver(() => RunReceiver(next));
    }

    static void StartReceiver(ThreadStart run) => new Thread(run) { IsBackground = true, Name = "NetKafka receive" }.UnsafeStart();

    void Open(IPEndPoint endpoint, Receiver me)
    {
        try
        {
            _socket!.Connect(endpoint);
            _socket.Blocking = false;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            onThreadEnded();
            End(new LoopEvent(LoopEventKind.Connected, number, Error: error));
            return;
        }
        End(new LoopEvent(LoopEventKind.Connected, number));
        RunReceiver(me);
    }

    /// <summary>Receives until the connection is closed, or until another thread has taken the place of this one.</summary>
    void RunReceiver(Receiver me)
    {
        while (TryTakeReceive(me, out var buffer))
            Receive(me, buffer.AsSpan());
        lock (_receiveGate)
        {
            if (me != _receiver)
                return;
        }
        onThreadEnded();
    }

    void Receive(Receiver me, Span<byte> buffer)
    {
        int count;
        SocketError error;
        try
        {
            count = LookForAnswer(buffer, out error);
            while (error is SocketError.WouldBlock or SocketError.Interrupted)
            {
                _socket!.Poll(NoLimit, SelectMode.SelectRead);
                count = _socket.Receive(buffer, SocketFlags.None, out error);
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            End(new LoopEvent(LoopEventKind.Received, number, Error: failure));
            return;
        }
        (_isLent, me.IsTurnOver) = (true, false);
        sink.Post(new LoopEvent(LoopEventKind.Received, number, count, me, ErrorOf(error)));
        // Where this thread ran the turn it was told of its end, before any user code: that must not hold up a close.
        if (!me.IsTurnOver)
            EndCount();
    }

    /// <summary>Receives without sleeping, if that is likely to succeed.</summary>
    int LookForAnswer(Span<byte> buffer, out SocketError error)
    {
        error = SocketError.WouldBlock;
        // On the only processor, looking keeps a broker beside it from answering.
        if (!_isAnswerDue || Environment.ProcessorCount == 1)
            return 0;
        _isAnswerDue = false;
        var looks = _nearAnswers.Looks();
        for (var i = 0; i < looks; i++)
        {
            var count = _socket!.Receive(buffer, SocketFlags.None, out error);
            if (error is SocketError.WouldBlock)
                continue;
            _nearAnswers.OnFound();
            return count;
        }
        if (looks > 0)
            _nearAnswers.OnMissed();
        return 0;
    }

    bool TryTakeReceive(Receiver me, out ArraySegment<byte> buffer)
    {
        lock (_receiveGate)
        {
            _isLent &= me != _receiver;
            while (me == _receiver && !_hasReceive && !_isClosed)
                Monitor.Wait(_receiveGate);
            buffer = _lent;
            var isTaken = me == _receiver && _hasReceive;
            _hasReceive &= !isTaken;
            return isTaken;
        }
    }

    /// <summary>Sends as much as the socket takes.</summary>
    /// <returns>Whether sending is over: all is gone, or nothing more will.</returns>
    bool TrySend(out Exception? failure)
    {
        failure = null;
        try
        {
            while (_nextSegment < _segments.Count)
            {
                var sent = SendSome(out var error);
                if (error is SocketError.WouldBlock or SocketError.Interrupted)
                    return false;
                failure = ErrorOf(error);
                if (failure is not null)
                    return true;
                Skip(sent);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            failure = error;
        }
        return true;
    }

    int SendSome(out SocketError error)
    {
        var first = _segments[_nextSegment][_sentOfSegment..];
        var count = Math.Min(_segments.Count - _nextSegment, MaxSegmentsPerCall);
        if (count == 1)
            return _socket!.Send(first.AsSpan(), SocketFlags.None, out error);
        _chunk.Clear();
        _chunk.Add(first);
        for (var i = 1; i < count; i++)
            _chunk.Add(_segments[_nextSegment + i]);
        return _socket!.Send(_chunk, SocketFlags.None, out error);
    }

    void Skip(int sent)
    {
        _sentOfSegment += sent;
        while (_nextSegment < _segments.Count && _sentOfSegment >= _segments[_nextSegment].Count)
            _sentOfSegment -= _segments[_nextSegment++].Count;
    }

    void CallSender()
    {
        lock (_sendGate)
        {
            _hasSend = true;
            if (_sender is not null)
            {
                Monitor.Pulse(_sendGate);
                return;
            }
            _sender = new Thread(RunSender) { IsBackground = true, Name = "NetKafka send" };
        }
        _sender.UnsafeStart();
    }

    void RunSender()
    {
        while (TryTakeSend())
        {
            Exception? failure;
            do
                failure = WaitForRoom();
            while (failure is null && !TrySend(out failure));
            End(new LoopEvent(LoopEventKind.Sent, number, Error: failure));
        }
    }

    bool TryTakeSend()
    {
        lock (_sendGate)
        {
            while (!_hasSend && !_isSendClosed)
                Monitor.Wait(_sendGate);
            var isTaken = _hasSend;
            _hasSend = false;
            return isTaken;
        }
    }

    Exception? WaitForRoom()
    {
        try
        {
            _socket!.Poll(NoLimit, SelectMode.SelectWrite);
            return null;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return error;
        }
    }

    static SocketException? ErrorOf(SocketError error) => error == SocketError.Success ? null : new SocketException((int)error);

    void Begin() => Interlocked.Increment(ref _underWay);

    void End(in LoopEvent answer)
    {
        sink.Post(answer);
        EndCount();
    }

    void EndCount()
    {
        if (Interlocked.Decrement(ref _underWay) == 0)
            sink.Post(new LoopEvent(LoopEventKind.Closed, number));
    }

    /// <summary>One receiving thread, which lends itself after each turn that it brought.</summary>
    sealed class Receiver(ThreadConnection connection) : IThreadLender
    {
        /// <summary>Whether the turn of the event that it handed over last is over. Its own thread's.</summary>
        public bool IsTurnOver { get; set; }

        public void OnTurnOver()
        {
            IsTurnOver = true;
            connection.EndCount();
        }

        public void GoOnElsewhere() => connection.Replace();
    }
}
