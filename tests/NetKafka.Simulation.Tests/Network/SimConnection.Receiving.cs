using System.Net.Sockets;
using NetKafka.Internal.Runtime;
using NetKafka.Simulation.Tests.Engine;

namespace NetKafka.Simulation.Tests.Network;

/// <content>From the broker to the client.</content>
sealed partial class SimConnection
{
    static readonly SendOrPostCallback OnArrival = static self => ((SimConnection)self!).Arrive();
    static readonly SendOrPostCallback OnReceiveDue = static self => ((SimConnection)self!).DoReceive();

    readonly Queue<Inbound> _onTheWay = new();
    readonly Queue<Inbound> _available = new();
    long _throttleHeardAt;
    long _throttledUntil;
    long _lastArrival;
    int _firstTaken;
    int _toClientLeft = int.MaxValue;
    StreamEnd _end;
    ReceiveState _receive;
    ArraySegment<byte> _into;
    int _copied;

    public void Receive(ArraySegment<byte> buffer)
    {
        if (_receive != ReceiveState.None)
            throw new SimulationFailure($"Connection {_number} has two receives under way.");
        if (buffer.Count == 0)
            throw new SimulationFailure($"Connection {_number} receives into an empty buffer.");
        _into = buffer;
        _receive = ReceiveState.Waiting;
        TryReceive();
    }

    /// <summary>The broker has written; the bytes get on their way.</summary>
    public void SendToClient(Inbound bytes) => QueueToClient(bytes);

    /// <summary>The broker has closed; the client learns of it behind the bytes on the way.</summary>
    public void EndFromBroker()
    {
        _brokerSide = -1;
        QueueToClient(default);
    }

    void QueueToClient(Inbound bytes)
    {
        if (_isDead)
            return;
        _onTheWay.Enqueue(bytes);
        _lastArrival = Math.Max(_lastArrival, _scheduler.Now + _network.Delay(NodeId));
        _scheduler.PostAt(_lastArrival, WorkKind.Network, OnArrival, this);
    }

    void Arrive()
    {
        if (_isClosing || _isDead || _end != StreamEnd.None)
            return;
        if (Link.IsCutOff)
        {
            _scheduler.PostAt(_scheduler.Now + RetransmitTicks, WorkKind.Network, OnArrival, this);
            return;
        }
        var (bytes, throttleMs) = _onTheWay.Dequeue();
        _scheduler.Trace.Mix(_number);
        _scheduler.Trace.Mix(bytes.Span);
        if (bytes.IsEmpty)
        {
            _end = StreamEnd.Closed;
            _network.Forget(this);
            Tell("was closed by the broker");
        }
        else if (bytes.Length >= _toClientLeft)
        {
            _available.Enqueue(new Inbound(bytes[.._toClientLeft]));
            Reset();
        }
        else
        {
            _toClientLeft -= bytes.Length;
            _available.Enqueue(new Inbound(bytes, throttleMs));
        }
        TryReceive();
    }

    void TryReceive()
    {
        if (_receive != ReceiveState.Waiting || (_available.Count == 0 && _end == StreamEnd.None) || _isClosing)
            return;
        _receive = ReceiveState.Due;
        // A socket may answer before the call returns.
        if (_random.Next(4) == 0)
            DoReceive();
        else
            _scheduler.Post(WorkKind.Network, OnReceiveDue, this);
    }

    void DoReceive()
    {
        if (_isClosing || _receive is not (ReceiveState.Due or ReceiveState.Copied))
            return;
        if (_receive == ReceiveState.Due)
        {
            _copied = CopyAvailable();
            if (_random.Next(8) == 0)
            {
                _receive = ReceiveState.Copied;
                _scheduler.Post(WorkKind.Network, OnReceiveDue, this);
                return;
            }
        }
        _receive = ReceiveState.None;
        var isReset = _copied == 0 && _end == StreamEnd.Reset;
        _sink.Post(new LoopEvent(
            LoopEventKind.Received, _number, _copied, Error: isReset ? new SocketException((int)SocketError.ConnectionReset) : null));
    }

    int CopyAvailable()
    {
        var wanted = _into.Count;
        if (_random.Next(100) < _network.Settings.ShortReadPercent)
            wanted = Math.Min(wanted, 1 + _random.Next(_random.Next(4) == 0 ? 2 : 60));
        var copied = 0;
        while (copied < wanted && _available.TryPeek(out var first))
        {
            var rest = first.Bytes.Span[_firstTaken..];
            var count = Math.Min(rest.Length, wanted - copied);
            rest[..count].CopyTo(_into.AsSpan(copied));
            copied += count;
            _firstTaken += count;
            if (_firstTaken == first.Bytes.Length)
            {
                _available.Dequeue();
                _firstTaken = 0;
                if (first.ThrottleMs > 0)
                    (_throttleHeardAt, _throttledUntil) = (_scheduler.Now, Math.Max(_throttledUntil, _scheduler.Now + first.ThrottleMs * TimeSpan.TicksPerMillisecond));
            }
        }
        return copied;
    }

    void DropAvailable()
    {
        _available.Clear();
        _firstTaken = 0;
    }
}
