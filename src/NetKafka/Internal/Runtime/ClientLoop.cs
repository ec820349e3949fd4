using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Runs the machines of one client. It has one owner at a time and no thread of its own: whoever brings an event and finds
/// it idle runs a turn, so a caller can send, and a reader complete, without a hand-off. A turn never runs user code and
/// never waits; after <see cref="MaxEventsPerTurn"/> events it hands the rest to another thread, so that no caller is kept.
/// <para>
/// The inbox is bounded by what exists: each connection has at most four things under way, there is one timer, and callers
/// wait for the answers of their calls.
/// </para>
/// </summary>
sealed class ClientLoop : IEventSink, IDisposable
{
    const int MaxEventsPerTurn = 64;

    // Each machine that throws ends one poll; more than this many in one turn are the same ones again and again.
    const int MaxFaultsPerTurn = 64;

    readonly Lock _gate = new();
    readonly Queue<LoopEvent> _inbox = new();
    readonly LoopEvent[] _taken = new LoopEvent[MaxEventsPerTurn];
    readonly Effects _effects = new();
    readonly ClientClock _clock;
    readonly MachineQueue _machines;
    readonly ConnectionDirectory _directory;
    readonly ITransport _transport;
    readonly IDispatcher _dispatcher;
    readonly ILogger _logger;
    readonly LoopTimer _timer;
    readonly Action _continue;
    readonly Action<Exception> _onFault;
    Instant _armedFor = Instant.Never;
    IThreadLender? _turnLender;
    ClusterMachine? _cluster;
    bool _isRunning;
    bool _hasQueued;

    public ClientLoop(
        ClientClock clock, MachineQueue machines, ConnectionDirectory directory, ITransport transport, IDispatcher dispatcher,
        ILogger logger, Action<Exception> onFault)
    {
        (_clock, _machines, _directory, _transport, _dispatcher, _logger, _onFault) =
            (clock, machines, directory, transport, dispatcher, logger, onFault);
        _continue = () => Run(null, 0);
        _timer = new LoopTimer(clock.Provider, OnTimer);
    }

    /// <summary>Names the cluster, which is told the time of each turn. Called once, before the first event.</summary>
    public void Start(ClusterMachine cluster)
    {
        _cluster = cluster;
        _transport.Start(this);
    }

    public void Post(in LoopEvent item)
    {
        lock (_gate)
        {
            _inbox.Enqueue(item);
            if (_isRunning)
                return;
            _isRunning = true;
        }
        Run(item.Payload as IThreadLender, item.Connection);
    }

    public void Watch(IThreadLender lender)
    {
        // What the turn of its own event sends is counted when that turn is over.
        if (lender != _turnLender)
            _dispatcher.Watch(lender);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _transport.Dispose();
    }

    void OnTimer() => Post(new LoopEvent(LoopEventKind.Tick));

    /// <param name="lender">Who lends the thread for user code once the turn is over.</param>
    /// <param name="connection">The lender's.</param>
    void Run(IThreadLender? lender, int connection)
    {
        var handled = 0;
        var hasQueued = false;
        var isAwaited = false;
        int count;
        while ((count = Take(MaxEventsPerTurn - handled)) > 0)
        {
            _turnLender = lender;
            Turn(count);
            _turnLender = null;
            isAwaited = lender is not null && _directory.Find(connection) is { Load: > 0 };
            handled += count;
            (hasQueued, _hasQueued) = (hasQueued | _hasQueued, false);
            if (handled < MaxEventsPerTurn)
                continue;
            // Still the owner: the next turn runs elsewhere.
            _dispatcher.RunLater(_continue);
            break;
        }
        lender?.OnTurnOver();
        if (hasQueued)
            _dispatcher.Start(lender, isAwaited);
    }

    int Take(int most)
    {
        lock (_gate)
        {
            var count = Math.Min(_inbox.Count, most);
            for (var i = 0; i < count; i++)
                _taken[i] = _inbox.Dequeue();
            if (count == 0)
                _isRunning = false;
            return count;
        }
    }

    void Turn(int count)
    {
        var now = _clock.Now;
        _cluster!.BeginTurn(now);
        for (var i = 0; i < count; i++)
        {
            try
            {
                Handle(_taken[i], now);
            }
            catch (Exception error)
            {
                _onFault(error);
            }
        }
        Array.Clear(_taken, 0, count);
        var next = PollMachines(now);
        CarryOut();
        Arm(next, now);
    }

    /// <summary>
    /// Polls all machines. One that throws has a defect: the client ends, but what the others still do is carried out, since
    /// calls that were answered must reach their users and connections must close.
    /// </summary>
    Instant PollMachines(Instant now)
    {
        for (var faults = 0; faults < MaxFaultsPerTurn; faults++)
        {
            try
            {
                return _machines.Poll(now, _effects);
            }
            catch (Exception error)
            {
                _onFault(error);
            }
        }
        return Instant.Never;
    }

    void Handle(in LoopEvent item, Instant now)
    {
        switch (item.Kind)
        {
            case LoopEventKind.Tick:
                _armedFor = Instant.Never;
                break;
            case LoopEventKind.Call:
                ((LoopCall)item.Payload!).Run(now, _effects);
                break;
            case LoopEventKind.Resolved:
                _directory.Find(item.Connection)?.OnResolved((IPAddress[]?)item.Payload, item.Error, now);
                break;
            case LoopEventKind.Connected:
                _directory.Find(item.Connection)?.OnConnected(item.Error, now);
                break;
            case LoopEventKind.Received:
                _directory.Find(item.Connection)?.OnReceived(item.Count, item.Error, now);
                break;
            case LoopEventKind.Sent:
                _directory.Find(item.Connection)?.OnSent(item.Error, now);
                break;
            default:
                _directory.Find(item.Connection)?.OnClosed(now);
                break;
        }
    }

    void CarryOut()
    {
        for (var i = 0; i < _effects.Count; i++)
        {
            try
            {
                CarryOut(_effects[i]);
            }
            catch (Exception error)
            {
                _onFault(error);
            }
        }
        _effects.Clear();
    }

    void CarryOut(in Effect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.Resolve:
                _transport.Resolve(effect.Connection, (string)effect.Payload!);
                break;
            case EffectKind.Connect:
                _transport.Connect(effect.Connection, (ConnectTarget)effect.Payload!);
                break;
            case EffectKind.Receive:
                _transport.Receive(effect.Connection, new ArraySegment<byte>((byte[])effect.Payload!, effect.Offset, effect.Count));
                break;
            case EffectKind.Send:
                _transport.Send(effect.Connection, (SendBuffer)effect.Payload!);
                break;
            case EffectKind.Close:
                _transport.Close(effect.Connection);
                break;
            case EffectKind.Dispatch:
                QueueUserCode((Dispatch)effect.Payload!);
                break;
            default:
                if (_logger != NullLogger.Instance)
                    QueueUserCode(new LogLine(_logger, (Action<ILogger>)effect.Payload!));
                break;
        }
    }

    void QueueUserCode(Dispatch item)
    {
        _hasQueued = true;
        _dispatcher.QueueInTurn(item);
    }

    void Arm(Instant next, Instant now)
    {
        // A timer that is set too early costs one idle turn; moving it on every turn would cost more.
        if (next >= _armedFor)
            return;
        _armedFor = next;
        _timer.Arm(next - now);
    }
}
