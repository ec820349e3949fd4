using System.Net.Sockets;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Simulation.Tests.Engine;

namespace NetKafka.Simulation.Tests.Network;

/// <summary>
/// One connection, from the client's end to the broker's. Lent buffers are read and written at the last moment that the
/// contract allows, so one that is reused too early shows.
/// </summary>
sealed partial class SimConnection
{
    /// <summary>How long the transport takes at most to say that a connection is closed.</summary>
    public const int MaxCloseTicks = 500_000;

    // How often a side tries again to get through while the way is cut.
    const long RetransmitTicks = 100 * TimeSpan.TicksPerMillisecond;
    const int MaxQuickCloseTicks = 10_000;
    const long MaxDeadHangUpTicks = 30 * TimeSpan.TicksPerSecond;

    static readonly SendOrPostCallback OnKnock = static self => ((SimConnection)self!).Knock();
    static readonly SendOrPostCallback OnConnected = static self => ((SimConnection)self!).AnswerConnect();
    static readonly SendOrPostCallback OnCloseDue = static self => ((SimConnection)self!).FinishClose();
    static readonly SendOrPostCallback OnHangUp = static self => ((SimConnection)self!).HangUp();

    readonly SimNetwork _network;
    readonly SimScheduler _scheduler;
    readonly RandomSource _random;
    readonly IEventSink _sink;
    readonly int _number;
    readonly string _client;
    int _brokerSide = -1;
    bool _isConnecting;
    bool _isAccepted;
    bool _isOpen;
    bool _isClosing;
    bool _isDead;
    bool _isStuck;

    public SimConnection(SimNetwork network, IEventSink sink, int number, int nodeId, string client)
    {
        (_network, _scheduler, _random, _sink, _number, NodeId, _client) =
            (network, network.Scheduler, network.Random, sink, number, nodeId, client);
        _isUnbuffered = _random.Next(100) < network.Settings.UnbufferedPercent;
    }

    public int NodeId { get; }

    /// <summary>Whose.</summary>
    public string Client => _client;

    /// <summary>Whether nothing gets through any more, and its client has not noticed.</summary>
    public bool IsDead => _isDead;

    /// <summary>The address that it was opened at.</summary>
    public string? Host { get; init; }

    LinkState Link => _network.Links[NodeId];

    /// <param name="isLost">Nothing gets through, and nobody says so.</param>
    public void Connect(bool isLost)
    {
        _network.UnclosedCount++;
        _isConnecting = true;
        if (isLost)
            return;
        if (NodeId < 0)
            _scheduler.Post(WorkKind.Network, OnConnected, this);
        else
            _scheduler.PostAt(_scheduler.Now + _network.Delay(NodeId), WorkKind.Network, OnKnock, this);
    }

    public void Close()
    {
        if (_isClosing)
            throw new SimulationFailure($"Connection {_number} was closed twice.");
        _isClosing = true;
        Tell("closes");
        _network.Forget(this);
        if (_brokerSide >= 0)
        {
            if (_isDead)
                _scheduler.PostAt(_scheduler.Now + (long)(_random.NextDouble() * MaxDeadHangUpTicks), WorkKind.Network, OnHangUp, this);
            else
                QueueToBroker([], Link.LateDeliveryTicks);
        }
        _scheduler.PostAt(_scheduler.Now + _random.Next(_random.Next(4) == 0 ? MaxCloseTicks : MaxQuickCloseTicks), WorkKind.Network, OnCloseDue, this);
    }

    /// <summary>Breaks the connection at both ends: a reset.</summary>
    public void Reset()
    {
        if (!_isOpen || _isClosing || _end != StreamEnd.None)
            return;
        Tell("is reset");
        _end = StreamEnd.Reset;
        _network.Forget(this);
        if (_random.Next(2) == 0)
            DropAvailable();
        QueueToBroker([], 0);
        TryReceive();
    }

    /// <summary>The way is lost and nobody is told: what either side sends from now on vanishes.</summary>
    public void Die()
    {
        if (_isClosing)
            return;
        Tell("is dead from now on");
        _isDead = true;
        // What a client sends fits into the kernel's buffer, or waits there for ever.
        _isStuck = _random.Next(2) == 0;
    }

    /// <summary>Its broker has left the address that it was opened at.</summary>
    public void Abandon()
    {
        Reset();
        if (_isOpen || !_isAccepted)
            return;
        _isAccepted = false;
        _network.Forget(this);
        HangUp();
    }

    void Knock()
    {
        if (_isClosing || _isDead)
            return;
        if (Link.IsCutOff)
        {
            _scheduler.PostAt(_scheduler.Now + RetransmitTicks, WorkKind.Network, OnKnock, this);
            return;
        }
        // Its broker may have left the address.
        _brokerSide = Host is null || _network.NodeOf(Host) == NodeId ? _network.ConnectToBroker(this) : -1;
        _isAccepted = _brokerSide >= 0;
        var limit = Link.BytesPerConnection;
        (_toBrokerLeft, _toClientLeft) = limit == 0 ? (int.MaxValue, int.MaxValue) : (_random.Next(limit), _random.Next(limit));
        _scheduler.PostAt(_scheduler.Now + _network.Delay(NodeId), WorkKind.Network, OnConnected, this);
    }

    void AnswerConnect()
    {
        if (_isClosing || _isDead)
            return;
        _isConnecting = false;
        _isOpen = _isAccepted;
        Tell(_isOpen ? "is open" : "is refused");
        _sink.Post(new LoopEvent(
            LoopEventKind.Connected, _number, Error: _isOpen ? null : new SocketException((int)SocketError.ConnectionRefused)));
    }

    void FinishClose()
    {
        // The kernel may still have been reading the buffer of a send until now.
        if (_sending is not null && _unsent > 0 && _isUnbuffered && _random.Next(2) == 0)
            SendPiece();
        var aborted = new SocketException((int)SocketError.OperationAborted);
        if (_isConnecting)
            _sink.Post(new LoopEvent(LoopEventKind.Connected, _number, Error: aborted));
        if (_receive == ReceiveState.Copied)
            _sink.Post(new LoopEvent(LoopEventKind.Received, _number, _copied));
        else if (_receive != ReceiveState.None)
            _sink.Post(new LoopEvent(LoopEventKind.Received, _number, Error: aborted));
        if (_sending is not null)
        {
            CheckLent();
            _sink.Post(new LoopEvent(LoopEventKind.Sent, _number, Error: _isSent ? null : aborted));
        }
        (_isConnecting, _receive, _sending) = (false, ReceiveState.None, null);
        _network.UnclosedCount--;
        _sink.Post(new LoopEvent(LoopEventKind.Closed, _number));
    }

    void HangUp()
    {
        if (_brokerSide >= 0)
            _network.HangUp(_brokerSide);
        _brokerSide = -1;
    }

    void Tell(string what) => _scheduler.Story?.Add(_scheduler.Now, $"{_client} connection {_number} to node {NodeId} {what}");

    enum StreamEnd : byte
    {
        None,
        Closed,
        Reset,
    }

    enum ReceiveState : byte
    {
        /// <summary>No buffer is lent.</summary>
        None,

        /// <summary>A buffer is lent, and nothing is there to put into it.</summary>
        Waiting,

        /// <summary>Something is there, and the moment to take it has been set.</summary>
        Due,

        /// <summary>The bytes are in the lent buffer, and the client was not told yet.</summary>
        Copied,
    }
}
