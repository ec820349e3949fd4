using System.Net;
using System.Net.Sockets;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.TransportSpike;

/// <summary>One blocking socket and its two threads.</summary>
sealed class ThreadConnection(int number, IEventSink sink)
{
    // A socket that can be written to at all has room for so much, so that the send does not block the turn.
    const int MaxInlineBytes = 16 * 1024;
    const int MaxSegmentsPerCall = 8;

    readonly object _receiveGate = new();
    readonly object _sendGate = new();
    readonly List<ArraySegment<byte>> _segments = [];
    readonly List<ArraySegment<byte>> _chunk = new(MaxSegmentsPerCall);
    Socket _socket = null!;
    ArraySegment<byte> _lent;
    Thread? _sender;
    bool _hasReceive;
    bool _hasSend;
    bool _isClosed;
    int _underWay = 1;

    public void Connect(IPEndPoint endpoint)
    {
        Begin();
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        new Thread(() => RunReceiver(endpoint)) { IsBackground = true, Name = "NetKafka receive" }.Start();
    }

    public void Receive(ArraySegment<byte> buffer)
    {
        Begin();
        lock (_receiveGate)
        {
            (_lent, _hasReceive) = (buffer, true);
            Monitor.Pulse(_receiveGate);
        }
    }

    public void Send(SendBuffer bytes)
    {
        Begin();
        bytes.CopySegmentsTo(_segments);
        if (bytes.TotalBytes <= MaxInlineBytes && CanWrite())
        {
            SendAll();
            return;
        }
        lock (_sendGate)
        {
            _hasSend = true;
            Monitor.Pulse(_sendGate);
        }
        if (_sender is null)
        {
            _sender = new Thread(RunSender) { IsBackground = true, Name = "NetKafka send" };
            _sender.Start();
        }
    }

    public void Close()
    {
        // Ends a blocking connect, receive and send too.
        _socket?.Dispose();
        lock (_receiveGate)
        {
            _isClosed = true;
            Monitor.Pulse(_receiveGate);
        }
        lock (_sendGate)
            Monitor.Pulse(_sendGate);
        EndCount();
    }

    bool CanWrite()
    {
        try
        {
            return _socket.Poll(0, SelectMode.SelectWrite);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    void RunReceiver(IPEndPoint endpoint)
    {
        try
        {
            _socket.Connect(endpoint);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            End(new LoopEvent(LoopEventKind.Connected, number, Error: error));
            return;
        }
        End(new LoopEvent(LoopEventKind.Connected, number));
        while (TryTakeReceive(out var buffer))
        {
            try
            {
                var count = _socket.Receive(buffer.AsSpan());
                End(new LoopEvent(LoopEventKind.Received, number, count));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                End(new LoopEvent(LoopEventKind.Received, number, Error: error));
            }
        }
    }

    bool TryTakeReceive(out ArraySegment<byte> buffer)
    {
        lock (_receiveGate)
        {
            while (!_hasReceive && !_isClosed)
                Monitor.Wait(_receiveGate);
            buffer = _lent;
            var isTaken = _hasReceive;
            _hasReceive = false;
            return isTaken;
        }
    }

    void RunSender()
    {
        while (true)
        {
            lock (_sendGate)
            {
                while (!_hasSend && !_isClosed)
                    Monitor.Wait(_sendGate);
                if (!_hasSend)
                    return;
                _hasSend = false;
            }
            SendAll();
        }
    }

    void SendAll()
    {
        Exception? failure = null;
        try
        {
            for (var next = 0; next < _segments.Count; next += MaxSegmentsPerCall)
                SendChunk(next, Math.Min(_segments.Count - next, MaxSegmentsPerCall));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            failure = error;
        }
        End(new LoopEvent(LoopEventKind.Sent, number, Error: failure));
    }

    void SendChunk(int start, int count)
    {
        var sent = 0;
        if (count > 1)
        {
            _chunk.Clear();
            for (var i = 0; i < count; i++)
                _chunk.Add(_segments[start + i]);
            sent = _socket.Send(_chunk);
        }
        for (var i = 0; i < count; i++)
        {
            var rest = _segments[start + i].AsSpan();
            var skipped = Math.Min(sent, rest.Length);
            sent -= skipped;
            rest = rest[skipped..];
            while (rest.Length > 0)
                rest = rest[_socket.Send(rest)..];
        }
    }

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
}
