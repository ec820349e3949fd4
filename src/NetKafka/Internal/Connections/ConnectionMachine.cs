using System.Net;
using Microsoft.Extensions.Logging;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Connections;

/// <summary>
/// One connection to one broker for one purpose, from the first address to the last byte: look up, connect, agree on
/// versions, pipeline requests, obey throttle times, notice a broker that does not answer, close when idle, come back after
/// a pause when it broke. It opens itself when there is something to send.
/// <para>
/// When it breaks it closes first, and only when no buffer is in use any more do the requests fail: what waits as not sent,
/// what was written as of unknown fate.
/// </para>
/// </summary>
sealed class ConnectionMachine : Machine
{
    readonly ConnectionSettings _settings;
    readonly ConnectionDirectory _directory;
    readonly IConnectionOwner _owner;
    readonly RequestPipeline _pipeline;
    readonly FrameReceiver _receiver;

    ConnectionState _state;
    int _number;
    IPAddress[] _addresses = [];
    int _nextAddress;
    int _failures;
    Instant _retryAt = Instant.Start;
    Instant _setupDeadline = Instant.Never;
    Instant _throttledUntil = Instant.Start;
    Instant _lastUse;
    bool _isReceiving;
    bool _isToConnect;
    bool _isToClose;
    short _versionsVersion = ApiVersionsRequest.HighestStableVersion;
    RequestFailure? _brokenBy;
    bool _isRetired;
    bool _isNeeded;
    Action<ILogger>? _line;
    string? _broker;

    public ConnectionMachine(
        string host, int port, int nodeId, int maxInFlight, ConnectionSettings settings, ConnectionDirectory directory, IConnectionOwner owner)
    {
        Host = host;
        Port = port;
        NodeId = nodeId;
        _settings = settings;
        _directory = directory;
        _owner = owner;
        _pipeline = new RequestPipeline(settings.ClientId, maxInFlight);
        _receiver = new FrameReceiver(settings.Pool, settings.MaxResponseBytes);
    }

    public string Host { get; private set; }

    public int Port { get; private set; }

    /// <summary>The broker's id; negative for an entry of the bootstrap list, whose id is not known.</summary>
    public int NodeId { get; }

    public ConnectionState State => _state;

    /// <summary>What the broker speaks; null until it was asked.</summary>
    public VersionTable? Versions { get; private set; }

    /// <summary>Whether its end would cost its owner something though nothing is under way: then it is not closed as idle.</summary>
    public bool IsNeeded
    {
        set
        {
            if (_isNeeded == value)
                return;
            _isNeeded = value;
            Wake();
        }
    }

    /// <summary>Requests that wait or are under way.</summary>
    public int Load => _pipeline.WaitingCount + _pipeline.InFlightCount;

    /// <summary>Whether a pause after a failure is still running.</summary>
    public bool IsBackingOff(Instant now) => _state == ConnectionState.Idle && _retryAt > now;

    /// <summary>Whether the newest attempt failed, or broke.</summary>
    public bool IsFailing => _failures > 0;

    /// <summary>Nothing is open, waiting or under way, and nothing will be.</summary>
    public bool IsOver => _isRetired && _state == ConnectionState.Idle && _pipeline.IsEmpty;

    /// <summary>The broker as people read it. Made once, since every poll names it.</summary>
    string Broker => _broker ??= NodeId < 0 ? $"{Host}:{Port}" : $"{Host}:{Port} (node {NodeId})";

    /// <summary>Takes a request. Its outcome comes later, never from inside this call.</summary>
    public void Send(BrokerRequest request)
    {
#if NETKAFKA_CHECKED
        request.Begin();
#endif
        _pipeline.Enqueue(request);
        Wake();
    }

    /// <summary>The broker listens somewhere else now: the next attempt goes there, and a connection to the old place drains.</summary>
    public void MoveTo(string host, int port, Instant now)
    {
        if (Host == host && Port == port)
            return;
        (Host, Port, _broker) = (host, port, null);
        (_failures, _retryAt) = (0, Instant.Start);
        BeginClose(now);
    }

    /// <summary>Ends the connection for good once what is under way has ended.</summary>
    public void Retire(Instant now)
    {
        _isRetired = true;
        BeginClose(now);
    }

    /// <summary>Ends the connection for good at once; what is under way fails as closed.</summary>
    public void Abort(Instant now)
    {
        _isRetired = true;
        Break(new RequestFailure(RequestFailureReason.Closed, Broker, "the client was disposed"), now);
    }

    public void OnResolved(IPAddress[]? addresses, Exception? error, Instant now)
    {
        if (_state != ConnectionState.Resolving)
            return;
        if (addresses is not { Length: > 0 })
        {
            Break(NotSent($"the host name {Host} could not be resolved: {error?.Message ?? "it has no address"}", error), now);
            return;
        }
        _addresses = addresses;
        _isToConnect = true;
        Wake();
    }

    public void OnConnected(Exception? error, Instant now)
    {
        if (_state != ConnectionState.Connecting)
            return;
        if (error is not null)
        {
            Break(NotSent($"no connection to {Broker}: {error.Message}", error), now);
            return;
        }
        MoveTo(ConnectionState.Negotiating);
        _receiver.Reset();
        AskVersions(now);
    }

    public void OnReceived(int count, Exception? error, Instant now)
    {
        _isReceiving = false;
        Wake();
        if (_state is ConnectionState.Closing or ConnectionState.Idle)
            return;
        if (error is not null || count == 0)
        {
            OnEnd(error, now);
            return;
        }
        _lastUse = now;
        _receiver.Advance(count);
        TakeFrames(now);
    }

    void TakeFrames(Instant now)
    {
        try
        {
            // An answer may be here before the transport has said that the request left; it waits for that.
            while (_state is not ConnectionState.Closing && !_pipeline.IsNextUnsent
                && _receiver.TryTakeFrame(_pipeline.LargestNextAnswer, out var frame, out var lease))
                TakeFrame(frame, lease, now);
        }
        catch (InvalidDataException bad)
        {
            Break(Malformed(bad), now);
        }
        catch (MalformedMessageException bad)
        {
            Break(Malformed(bad), now);
        }
    }

    public void OnSent(Exception? error, Instant now)
    {
        Wake();
        if (_state is ConnectionState.Closing or ConnectionState.Idle)
            return;
        if (error is not null)
        {
            OnEnd(error, now);
            return;
        }
        _lastUse = now;
        _pipeline.OnSent(now);
        // While a receive is under way no whole frame is here, and the buffer that it fills must stay the one that goes on.
        if (!_isReceiving)
            TakeFrames(now);
    }

    public void OnClosed(Instant now)
    {
        _directory.Remove(_number);
        _number = 0;
        _isReceiving = false;
        _receiver.Reset();
        MoveTo(ConnectionState.Idle);
        var failure = _brokenBy;
        _brokenBy = null;
        _pipeline.FailInFlight(failure ?? Lost("the connection was closed", null), now);
        var isPlanned = failure is null or { Reason: RequestFailureReason.Closed };
        _line = isPlanned
            ? logger => ClientLog.ConnectionClosed(logger, Broker)
            : logger => ClientLog.ConnectionBroken(logger, Broker, failure!.Detail);
        if (failure is not null)
        {
            _failures++;
            _retryAt = now + _settings.ReconnectBackoff.After(_failures, _settings.Random);
#if NETKAFKA_CHECKED
            if ((Planted.Has(Bug.FailedConnectionIsNotTriedAgain) && _failures > 1)
                || (Planted.Has(Bug.NameIsLookedUpOnce) && failure.Detail.StartsWith("the host name", StringComparison.Ordinal)))
                _retryAt = now + TimeSpan.FromHours(1);
#endif
            _pipeline.FailWaiting(failure.MayHaveHappened ? NotSent(failure.Detail, failure.Cause) : failure, now);
            if (!isPlanned)
                _owner.OnBroken(this, failure, now);
        }
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_line is { } line)
        {
            _line = null;
            effects.Log(line);
        }
        if (_state == ConnectionState.Closing)
            _pipeline.ExpireWaiting(Broker, now);
        else if (!_pipeline.TryGiveUpLate(Broker, now))
            Break(new RequestFailure(RequestFailureReason.Lost, Broker, $"{Broker} did not answer a request in time (RequestTimeout)"), now);
        if (_setupDeadline <= now)
            Break(NotSent($"no connection to {Broker} could be set up within {_settings.SetupTimeout.TotalMilliseconds:0} ms (ConnectionSetupTimeout)", null), now);
        var next = Advance(now, effects);
        if (_isToClose)
        {
            _isToClose = false;
            effects.Close(_number);
        }
        next = Instant.Earlier(next, _pipeline.NextExpiry());
        return _state == ConnectionState.Closing ? next : Instant.Earlier(next, Instant.Earlier(_pipeline.NextTimeout(), _setupDeadline));
    }

    Instant Advance(Instant now, Effects effects)
    {
        switch (_state)
        {
            case ConnectionState.Idle:
                return OpenIfWanted(now, effects);
            case ConnectionState.Resolving when _isToConnect:
                Connect(_addresses[_nextAddress % _addresses.Length], effects);
                return Instant.Never;
            case ConnectionState.Negotiating:
                SendAndReceive(effects);
                return Instant.Never;
            case ConnectionState.Ready:
                return Exchange(now, effects);
            case ConnectionState.Draining:
                if (_pipeline.InFlightCount == 0 && !_pipeline.IsSending)
                    StartClosing();
                else
                    SendAndReceive(effects);
                return Instant.Never;
            default:
                return Instant.Never;
        }
    }

    Instant OpenIfWanted(Instant now, Effects effects)
    {
        if (_pipeline.WaitingCount == 0)
            return Instant.Never;
        if (_isRetired)
        {
            _pipeline.FailWaiting(NotSent("the connection was given up", null), now);
            return Instant.Never;
        }
        if (_retryAt > now)
            return _retryAt;
        _number = _directory.Add(this);
        _setupDeadline = now + _settings.SetupTimeout;
        if (_settings.ResolvesHosts)
        {
            Connect(null, effects);
            return Instant.Never;
        }
        MoveTo(ConnectionState.Resolving);
        effects.Resolve(_number, Host);
        return Instant.Never;
    }

    void Connect(IPAddress? address, Effects effects)
    {
        _isToConnect = false;
        MoveTo(ConnectionState.Connecting);
        effects.Connect(_number, new ConnectTarget(Host, Port, address));
    }

    Instant Exchange(Instant now, Effects effects)
    {
        if (_throttledUntil <= now)
            _pipeline.Fill(Versions!, Broker, now);
        SendAndReceive(effects);
        if (_pipeline.IsEmpty && !_isNeeded && _settings.MaxIdle != Timeout.InfiniteTimeSpan)
        {
            var idleAt = _lastUse + _settings.MaxIdle;
            if (idleAt > now)
                return idleAt;
            // A planned close is no failure: nothing is reported, and the next request opens it again.
            StartClosing();
            return Instant.Never;
        }
        return _pipeline.WaitingCount > 0 && _throttledUntil > now ? _throttledUntil : Instant.Never;
    }

    void SendAndReceive(Effects effects)
    {
        if (_pipeline.TryBeginSend() is { } bytes)
            effects.Send(_number, bytes);
        // Answers that wait for their request to leave fill the buffer that would receive more.
        if (_isReceiving || _pipeline.IsNextUnsent && _receiver.HasFrame)
            return;
        _isReceiving = true;
        effects.Receive(_number, _receiver.NextBuffer());
    }

    void TakeFrame(ReadOnlyMemory<byte> frame, Lease? lease, Instant now)
    {
        try
        {
            var throttle = _pipeline.OnFrame(frame, lease, NodeId, now);
#if NETKAFKA_CHECKED
            throttle = Planted.Has(Bug.ThrottleIsIgnored) ? TimeSpan.Zero : throttle;
#endif
            if (throttle > TimeSpan.Zero)
                _throttledUntil = Instant.Later(_throttledUntil, now + throttle);
        }
        finally
        {
            lease?.Release();
        }
    }

    void AskVersions(Instant now)
    {
        var request = new VersionsRequest(_versionsVersion, NodeId >= 0 ? _owner.ExpectedClusterId : null, NodeId, OnVersions, _ => { });
        _pipeline.WriteFirst(request, _versionsVersion, now);
        Wake();
    }

    void OnVersions(ApiVersionsResponse answer, Instant now)
    {
        var table = new VersionTable(answer);
        if (answer.ErrorCode == ErrorCode.UnsupportedVersion && _versionsVersion > 0)
        {
            // Downwards only: a broker that answers so for ever must not be asked for ever.
            var known = table.Newest(ApiKey.ApiVersions, 0, (short)(_versionsVersion - 1));
            _versionsVersion = known >= 0 ? known : (short)0;
            AskVersions(now);
            return;
        }
        if (answer.ErrorCode == ErrorCode.RebootstrapRequired)
        {
            Break(NotSent($"what answers at {Broker} is not node {NodeId} of this cluster ({answer.ErrorCode.KafkaName()})", null), now);
            _owner.OnMisrouted(this, now);
            return;
        }
        if (answer.ErrorCode != ErrorCode.None)
        {
            Break(NotSent($"{Broker} refused to tell its versions: {answer.ErrorCode.KafkaName()}", null), now);
            return;
        }
#if NETKAFKA_CHECKED
        table = Planted.Has(Bug.VersionsOfABrokerAreKept) ? Versions ?? table : table;
#endif
        Versions = table;
        MoveTo(ConnectionState.Ready);
        (_failures, _lastUse, _setupDeadline) = (0, now, Instant.Never);
        _line = logger => ClientLog.Connected(logger, Broker);
        _owner.OnReady(this, now);
    }

    void OnEnd(Exception? error, Instant now)
    {
        var how = error is null ? "the broker closed the connection" : error.Message;
        if (_state != ConnectionState.Negotiating)
        {
            Break(Lost($"the connection to {Broker} broke: {how}", error), now);
            return;
        }
        // Some brokers do not answer a version of the question that they do not know, they hang up: the next attempt asks in
        // the oldest one. If that is hung up on too, it was something else.
        _versionsVersion = _versionsVersion > 0 ? (short)0 : ApiVersionsRequest.HighestStableVersion;
        Break(NotSent($"{Broker} ended the connection before it told its versions: {how}. If it speaks TLS or SASL, or is no Kafka broker, this is how it looks", error), now);
    }

    void BeginClose(Instant now)
    {
        Wake();
        if (_state == ConnectionState.Ready)
            MoveTo(ConnectionState.Draining);
        else if (_state is not (ConnectionState.Idle or ConnectionState.Draining))
            Break(NotSent("the connection was given up", null), now);
    }

    void Break(RequestFailure failure, Instant now)
    {
        Wake();
        if (_state == ConnectionState.Closing)
            return;
        if (_state == ConnectionState.Idle)
        {
            _pipeline.FailWaiting(failure, now);
            return;
        }
        // Each attempt goes to the next address, so that a dead one does not hide the others.
        if (_state is ConnectionState.Connecting or ConnectionState.Negotiating)
            _nextAddress++;
        _brokenBy = failure;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RequestsFailBeforeTheClose))
            _pipeline.FailInFlight(failure, now);
#endif
        StartClosing();
    }

    void StartClosing()
    {
        MoveTo(ConnectionState.Closing);
        (_isToClose, _isToConnect, _setupDeadline) = (true, false, Instant.Never);
        Wake();
    }

    void MoveTo(ConnectionState next) => _state = ConnectionMoves.Move(_state, next);

    RequestFailure NotSent(string detail, Exception? cause) => new(RequestFailureReason.NotSent, Broker, detail, cause);

    RequestFailure Lost(string detail, Exception? cause) => new(RequestFailureReason.Lost, Broker, detail, cause);

    RequestFailure Malformed(Exception bad) =>
        new(RequestFailureReason.Malformed, Broker, $"{Broker} sent an answer that cannot be read: {bad.Message}", bad);
}
