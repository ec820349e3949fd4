using System.Net;
using System.Runtime.CompilerServices;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// One stream. What completes at once is answered at once, without a task; the rest by a callback that exists once. All
/// pieces of a send are put into one buffer first, since a stream takes one write at a time.
/// </summary>
sealed class StreamConnection
{
    readonly int _number;
    readonly IEventSink _sink;
    readonly CancellationTokenSource _closing = new();
    readonly List<ArraySegment<byte>> _segments = [];
    readonly Action _onReceived;
    readonly Action _onSent;
    Stream? _stream;
    byte[] _joined = [];
    ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _receiving;
    ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _sending;
    bool _isFlushing;
    int _isConnectAnswered;
    int _underWay = 1;

    public StreamConnection(int number, IEventSink sink)
    {
        (_number, _sink) = (number, sink);
        _onReceived = OnReceived;
        _onSent = OnSent;
    }

    public void Connect(Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> connect, DnsEndPoint endpoint)
    {
        Begin();
        // The callback is user code: it must not run inside the turn that asked for the connection.
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => _ = state.Self.ConnectAsync(state.Connect, state.Endpoint), (Self: this, Connect: connect, Endpoint: endpoint),
            preferLocal: false);
    }

    public void Receive(ArraySegment<byte> buffer)
    {
        Begin();
        try
        {
            // Never back to the context of the caller who happened to run the turn.
            _receiving = _stream!.ReadAsync(buffer, _closing.Token).ConfigureAwait(false).GetAwaiter();
            if (_receiving.IsCompleted)
                OnReceived();
            else
                _receiving.UnsafeOnCompleted(_onReceived);
        }
        catch (Exception error)
        {
            End(new LoopEvent(LoopEventKind.Received, _number, Error: error));
        }
    }

    public void Send(SendBuffer bytes)
    {
        Begin();
        try
        {
            _isFlushing = false;
            Await(_stream!.WriteAsync(Join(bytes), _closing.Token));
        }
        catch (Exception error)
        {
            End(new LoopEvent(LoopEventKind.Sent, _number, Error: error));
        }
    }

    public void Close()
    {
        // The callback is user code and may never return. Nothing is lent to it, so it is not waited for.
        AnswerConnect(new OperationCanceledException("The connection was given up."));
        try
        {
            _closing.Cancel();
            _stream?.Dispose();
        }
        catch (Exception)
        {
            // A stream that cannot be closed in order is closed all the same, and nobody could do anything about it.
        }
        EndCount();
    }

    async Task ConnectAsync(Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> connect, DnsEndPoint endpoint)
    {
        try
        {
            var stream = await connect(endpoint, _closing.Token)
                ?? throw new InvalidOperationException("ConnectCallback returned no stream.");
            _stream = stream;
            // A close that came meanwhile found no stream to dispose.
            if (!AnswerConnect(null))
                stream.Dispose();
        }
        catch (Exception error)
        {
            AnswerConnect(error);
        }
    }

    bool AnswerConnect(Exception? error)
    {
        if (Interlocked.Exchange(ref _isConnectAnswered, 1) != 0)
            return false;
        End(new LoopEvent(LoopEventKind.Connected, _number, Error: error));
        return true;
    }

    ReadOnlyMemory<byte> Join(SendBuffer bytes)
    {
        if (bytes.BorrowedBytes == 0)
            return bytes.Writer.WrittenMemory;
        var total = checked((int)bytes.TotalBytes);
        if (_joined.Length < total)
            _joined = new byte[Math.Max(total, 2 * _joined.Length)];
        bytes.CopySegmentsTo(_segments);
        var position = 0;
        foreach (var segment in _segments)
        {
            ((ReadOnlySpan<byte>)segment).CopyInPieces(_joined.AsSpan(position));
            position += segment.Count;
        }
        return _joined.AsMemory(0, total);
    }

    void Await(ValueTask task)
    {
        _sending = task.ConfigureAwait(false).GetAwaiter();
        if (_sending.IsCompleted)
            OnSent();
        else
            _sending.UnsafeOnCompleted(_onSent);
    }

    void OnReceived()
    {
        try
        {
            var count = _receiving.GetResult();
            End(new LoopEvent(LoopEventKind.Received, _number, count));
        }
        catch (Exception error)
        {
            End(new LoopEvent(LoopEventKind.Received, _number, Error: error));
        }
    }

    void OnSent()
    {
        try
        {
            _sending.GetResult();
            if (!_isFlushing)
            {
                _isFlushing = true;
                Await(new ValueTask(_stream!.FlushAsync(_closing.Token)));
                return;
            }
            End(new LoopEvent(LoopEventKind.Sent, _number));
        }
        catch (Exception error)
        {
            End(new LoopEvent(LoopEventKind.Sent, _number, Error: error));
        }
    }

    void Begin() => Interlocked.Increment(ref _underWay);

    void End(in LoopEvent answer)
    {
        _sink.Post(answer);
        EndCount();
    }

    void EndCount()
    {
        if (Interlocked.Decrement(ref _underWay) == 0)
            _sink.Post(new LoopEvent(LoopEventKind.Closed, _number));
    }
}
