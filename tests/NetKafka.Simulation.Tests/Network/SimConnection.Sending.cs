using System.Net.Sockets;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Simulation.Tests.Engine;

namespace NetKafka.Simulation.Tests.Network;

/// <content>
/// From the client to the broker: unbuffered, the broker gets the bytes out of the lent buffer; buffered, a kernel copies them
/// and delivers them later, perhaps when the client has long closed.
/// </content>
sealed partial class SimConnection
{
    static readonly SendOrPostCallback OnSendStep = static self => ((SimConnection)self!).SendStep();
    static readonly SendOrPostCallback OnSent = static self => ((SimConnection)self!).AnswerSend();
    static readonly SendOrPostCallback OnDelivery = static self => ((SimConnection)self!).DeliverNext();

    readonly bool _isUnbuffered;
    readonly List<ArraySegment<byte>> _segments = [];
    readonly Queue<byte[]> _toBroker = new();
    byte[] _lent = [];
    long _lastDelivery;
    SendBuffer? _sending;
    int _segment;
    int _segmentTaken;
    long _unsent;
    bool _isSent;
    int _toBrokerLeft = int.MaxValue;

    public void Send(SendBuffer bytes)
    {
        if (_sending is not null)
            throw new SimulationFailure($"Connection {_number} has two sends under way.");
        if (bytes.TotalBytes == 0)
            throw new SimulationFailure($"Connection {_number} sends nothing.");
        // In the moment itself, or while its machine was busy, it may not have seen the answer.
        if (_scheduler.Now < _throttledUntil && _scheduler.Now > Math.Max(_throttleHeardAt, _scheduler.StalledUntil))
            _network.Watch?.OnImpatience($"{_client} on connection {_number} to node {NodeId}");
        (_sending, _segment, _segmentTaken, _unsent, _isSent) = (bytes, 0, 0, bytes.TotalBytes, false);
        bytes.CopySegmentsTo(_segments);
        ShowSend();
        ScheduleSendStep();
    }

    void ShowSend()
    {
        if (_network.Watch is not { } watch)
            return;
        _lent = new byte[_unsent];
        var length = 0;
        foreach (var segment in _segments)
        {
            segment.AsSpan().CopyTo(_lent.AsSpan(length));
            length += segment.Count;
        }
        watch.OnSend(_lent);
    }

    /// <summary>Until the client hears of the end of a send, all of its bytes belong to the connection, those that have left too.</summary>
    void CheckLent()
    {
        if (_lent.Length == 0)
            return;
        var at = 0;
        foreach (var segment in _segments)
        {
            if (!segment.AsSpan().SequenceEqual(_lent.AsSpan(at, segment.Count)))
            {
                _network.Watch?.OnLentChanged($"{_client} on connection {_number} to node {NodeId}");
                break;
            }
            at += segment.Count;
        }
        _lent = [];
    }

    void ScheduleSendStep()
    {
        if (_isUnbuffered)
            _scheduler.PostAt(_scheduler.Now + _network.Delay(NodeId), WorkKind.Network, OnSendStep, this);
        else
            _scheduler.Post(WorkKind.Network, OnSendStep, this);
    }

    void SendStep()
    {
        if (_isClosing || _sending is null || _isStuck)
            return;
        if (_end != StreamEnd.Reset && Link.IsCutOff && _isUnbuffered)
        {
            _scheduler.PostAt(_scheduler.Now + RetransmitTicks, WorkKind.Network, OnSendStep, this);
            return;
        }
        if (_end != StreamEnd.Reset)
            SendPiece();
        if (_end == StreamEnd.Reset)
        {
            AnswerSend();
            return;
        }
        if (_unsent > 0)
        {
            ScheduleSendStep();
            return;
        }
        _isSent = true;
        // The answer to a request may come before the client hears that the request has left.
        var wait = _random.Next(4) == 0 ? _random.Next(4 * (int)_network.Settings.LatencyTicks) : 0;
        _scheduler.PostAt(_scheduler.Now + wait, WorkKind.Network, OnSent, this);
    }

    /// <summary>Takes all that is left, or a part of it, out of the lent buffer.</summary>
    void SendPiece()
    {
        var count = _unsent;
        if (_random.Next(100) < _network.Settings.SplitSendPercent)
            count = 1 + (long)(_random.NextDouble() * (count - 1));
        var copy = _isUnbuffered || _isDead ? null : new byte[count];
        var copied = 0;
        _unsent -= count;
        while (count > 0)
        {
            var segment = _segments[_segment];
            var part = segment.AsSpan(_segmentTaken, (int)Math.Min(segment.Count - _segmentTaken, count));
            count -= part.Length;
            _segmentTaken += part.Length;
            if (_segmentTaken == segment.Count)
                (_segment, _segmentTaken) = (_segment + 1, 0);
            if (copy is not null)
                part.CopyTo(copy.AsSpan(copied));
            else
                Deliver(part);
            copied += part.Length;
        }
        if (copy is not null)
            QueueToBroker(copy, 0);
    }

    void AnswerSend()
    {
        if (_isClosing || _sending is null)
            return;
        CheckLent();
        _sending = null;
        _sink.Post(new LoopEvent(
            LoopEventKind.Sent, _number, Error: _isSent ? null : new SocketException((int)SocketError.ConnectionReset)));
    }

    /// <summary>Bytes, or none for the end of the stream, get on their way behind what is on it already.</summary>
    void QueueToBroker(byte[] bytes, long extraTicks)
    {
        _toBroker.Enqueue(bytes);
        _lastDelivery = Math.Max(_lastDelivery, _scheduler.Now + _network.Delay(NodeId) + extraTicks);
        _scheduler.PostAt(_lastDelivery, WorkKind.Network, OnDelivery, this);
    }

    void DeliverNext()
    {
        if (Link.IsCutOff)
        {
            _scheduler.PostAt(_scheduler.Now + RetransmitTicks, WorkKind.Network, OnDelivery, this);
            return;
        }
        // Late delivery: bytes of a connection that the client has given up already.
        if (_isClosing && Link.LateDeliveryTicks > 0 && _scheduler.Now < _lastDelivery)
        {
            _scheduler.PostAt(_lastDelivery, WorkKind.Network, OnDelivery, this);
            return;
        }
        var bytes = _toBroker.Dequeue();
        if (bytes.Length == 0)
            HangUp();
        else
            Deliver(bytes);
    }

    void Deliver(ReadOnlySpan<byte> bytes)
    {
        if (_isDead || _brokerSide < 0 || _toBrokerLeft == 0)
            return;
        if (bytes.Length < _toBrokerLeft)
        {
            _toBrokerLeft -= bytes.Length;
            _network.Deliver(_brokerSide, bytes);
            return;
        }
        _network.Deliver(_brokerSide, bytes[.._toBrokerLeft]);
        _toBrokerLeft = 0;
        Reset();
    }
}
