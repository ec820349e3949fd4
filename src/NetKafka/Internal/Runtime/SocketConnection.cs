using System.Net;
using System.Net.Sockets;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// One socket. It keeps count of what is under way: closed is told once the count is zero, so no buffer is touched after.
/// </summary>
sealed class SocketConnection(int number, IEventSink sink) : ISocketConnection
{
    // The runtime sends up to eight pieces without allocating; more go in further calls.
    const int MaxSegmentsPerCall = 8;

    // The context of whoever happened to run the turn must not follow what completes.
    readonly SocketAsyncEventArgs _connect = new(true);
    readonly SocketAsyncEventArgs _receive = new(true);
    readonly SocketAsyncEventArgs _send = new(true);
    readonly List<ArraySegment<byte>> _segments = [];
    readonly List<ArraySegment<byte>> _chunk = new(MaxSegmentsPerCall);
    Socket? _socket;
    int _nextSegment;

    // One for the open connection itself, one for each thing under way.
    int _underWay = 1;

    public void Connect(IPEndPoint endpoint)
    {
        Begin();
        try
        {
            _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _connect.RemoteEndPoint = endpoint;
            _connect.Completed += (_, _) => OnConnected();
            _receive.Completed += (_, _) => OnReceived();
            _send.Completed += (_, _) => OnSent();
            if (!_socket.ConnectAsync(_connect))
                OnConnected();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            End(new LoopEvent(LoopEventKind.Connected, number, Error: error));
        }
    }

    public void Receive(ArraySegment<byte> buffer)
    {
        Begin();
        try
        {
            _receive.SetBuffer(buffer.Array, buffer.Offset, buffer.Count);
            if (!_socket!.ReceiveAsync(_receive))
                OnReceived();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            End(new LoopEvent(LoopEventKind.Received, number, Error: error));
        }
    }

    public void Send(SendBuffer bytes)
    {
        Begin();
        bytes.CopySegmentsTo(_segments);
        _nextSegment = 0;
        SendRest();
    }

    public void Close()
    {
        _socket?.Dispose();
        EndCount();
    }

    void SendRest()
    {
        try
        {
            while (TrySetNextChunk())
            {
                if (_socket!.SendAsync(_send))
                    return;
                if (_send.SocketError != SocketError.Success)
                    break;
            }
            EndSend();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            End(new LoopEvent(LoopEventKind.Sent, number, Error: error));
        }
    }

    bool TrySetNextChunk()
    {
        var count = Math.Min(_segments.Count - _nextSegment, MaxSegmentsPerCall);
        if (count == 0)
            return false;
        if (count == 1)
        {
            var only = _segments[_nextSegment];
            _send.BufferList = null;
            _send.SetBuffer(only.Array, only.Offset, only.Count);
        }
        else
        {
            _chunk.Clear();
            for (var i = 0; i < count; i++)
                _chunk.Add(_segments[_nextSegment + i]);
            _send.SetBuffer(null, 0, 0);
            _send.BufferList = _chunk;
        }
        _nextSegment += count;
        return true;
    }

    void OnConnected()
    {
        var error = ErrorOf(_connect);
        _connect.Dispose();
        End(new LoopEvent(LoopEventKind.Connected, number, Error: error));
    }

    void OnReceived() =>
        End(new LoopEvent(LoopEventKind.Received, number, _receive.BytesTransferred, Error: ErrorOf(_receive)));

    void OnSent()
    {
        if (_send.SocketError == SocketError.Success)
            SendRest();
        else
            EndSend();
    }

    void EndSend() => End(new LoopEvent(LoopEventKind.Sent, number, Error: ErrorOf(_send)));

    static SocketException? ErrorOf(SocketAsyncEventArgs args) =>
        args.SocketError == SocketError.Success ? null : new SocketException((int)args.SocketError);

    void Begin() => Interlocked.Increment(ref _underWay);

    void End(in LoopEvent answer)
    {
        sink.Post(answer);
        EndCount();
    }

    void EndCount()
    {
        if (Interlocked.Decrement(ref _underWay) > 0)
            return;
        _receive.Dispose();
        _send.Dispose();
        sink.Post(new LoopEvent(LoopEventKind.Closed, number));
    }
}
