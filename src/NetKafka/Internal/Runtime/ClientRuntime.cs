using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// What one client is made of, put together: machines, loop, transport, dispatcher, clocks, buffers. Entry types talk to it
/// from any thread; it brings their calls into the turn.
/// </summary>
sealed class ClientRuntime
{
    const long MaxKeptBufferBytes = 128L * 1024 * 1024;

    readonly ClientLoop _loop;
    readonly IDispatcher _dispatcher;
    readonly ConnectionDirectory _directory = new();
    readonly List<IRuntimeOwner> _owners = [];
    readonly Lock _ownersLock = new();
    readonly CloseMachine _close;
    int _lastOwner;

    public ClientRuntime(KafkaClientOptions options, IReadOnlyList<DnsEndPoint> bootstrap, RuntimeSeams seams)
    {
        Options = options;
        Clock = new ClientClock(options.TimeProvider);
        Random = seams.Random;
        Logger = (ILogger?)options.LoggerFactory?.CreateLogger("NetKafka") ?? NullLogger.Instance;
        _dispatcher = seams.Dispatcher ?? new CallbackDispatcher(options.TimeProvider, Logger);
        var connections = new ConnectionSettings(
            options.ClientId, options.ConnectionSetupTimeout, options.ConnectionMaxIdle,
            new Backoff(options.ReconnectBackoff, options.ReconnectBackoffMax), options.MaxResponseBytes,
            seams.Transport.ResolvesHosts, Pool, Random);
        _loop = new ClientLoop(Clock, Machines, _directory, seams.Transport, _dispatcher, Logger, OnFault);
        Cluster = new ClusterMachine(
            bootstrap, Machines, connections, _directory, options.RequestTimeout, options.MetadataMaxAge,
            new Backoff(options.RetryBackoff, options.RetryBackoffMax), options.RebootstrapAfter, options.IsOfControllers);
        _close = new CloseMachine(Cluster, _directory);
        Machines.Add(_close);
        _loop.Start(Cluster);
    }

    public KafkaClientOptions Options { get; }

    public MachineQueue Machines { get; } = new();

    public ClusterMachine Cluster { get; }

    public SlabPool Pool { get; } = new(MaxKeptBufferBytes);

    public RandomSource Random { get; }

    public ClientClock Clock { get; }

    public ILogger Logger { get; }

    public Instant Now => Clock.Now;

    public long UnixMilliseconds => Clock.UnixMilliseconds;

    /// <summary>Why the client is over, if a defect ended it.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Runs a call inside a turn: on this thread if the loop is idle, else soon on the one that runs it.</summary>
    public void Post(LoopCall call) => _loop.Post(new LoopEvent(LoopEventKind.Call, Payload: call));

    /// <summary>A call that a machine will answer. Whoever takes it over ends it by its deadline.</summary>
    public PendingCall<T> CreateCall<T>(TimeSpan timeout, CancellationToken cancellation) => CreateCall<T>(After(timeout), cancellation);

    /// <summary>As above, with the deadline itself.</summary>
    public PendingCall<T> CreateCall<T>(Instant deadline, CancellationToken cancellation) => new(this, deadline, cancellation);

    /// <summary>The moment so long after now; never, after an infinite time.</summary>
    public Instant After(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan ? Instant.Never : Now + timeout;

    /// <summary>A number of its own for the lanes of one consumer or member.</summary>
    public int NextOwner() => Interlocked.Increment(ref _lastOwner);

    /// <summary>Leaves the caller's context; see <see cref="EnterAwaitable"/>.</summary>
    public EnterAwaitable Enter() => new(_dispatcher);

    /// <summary>Writes a line to the log, in its turn among user code.</summary>
    public void Log(Action<ILogger> write) => _dispatcher.Queue(new LogLine(Logger, write));

    /// <summary>Runs the client's own work apart from this thread, side by side with other work.</summary>
    public void RunLater(Action work) => _dispatcher.RunLater(work);

    /// <summary>Queues user code.</summary>
    public void Dispatch(Dispatch item) => _dispatcher.Queue(item);

    /// <summary>Keeps an owner, which is told of a fault and of the end of the client.</summary>
    public void Attach(IRuntimeOwner owner)
    {
        lock (_ownersLock)
            _owners.Add(owner);
    }

    public void Detach(IRuntimeOwner owner)
    {
        lock (_ownersLock)
            _owners.Remove(owner);
    }

    /// <summary>The producers, consumers and admins that are still open.</summary>
    public IRuntimeOwner[] Owners()
    {
        lock (_ownersLock)
            return [.. _owners];
    }

    /// <summary>Closes every connection, within the timeout; what still waits fails as closed.</summary>
    public async ValueTask CloseAsync(TimeSpan timeout)
    {
        await Enter();
        var call = CreateCall<bool>(timeout, CancellationToken.None);
        Post(new CloseCall(_close, call));
        await call.Task;
        _loop.Dispose();
        (_dispatcher as IDisposable)?.Dispose();
    }

    void OnFault(Exception error)
    {
        if (Fault is not null)
            return;
        Fault = error;
        _dispatcher.Queue(new LogLine(Logger, logger => ClientLog.ClientFaulted(logger, error)));
        foreach (var owner in Owners())
            owner.OnFault(error);
        Post(new CloseCall(_close, CreateCall<bool>(TimeSpan.FromSeconds(5), CancellationToken.None)));
    }

    /// <summary>Brings the wish to close into the turn.</summary>
    sealed class CloseCall(CloseMachine machine, Call<bool> call) : LoopCall
    {
        public override void Run(Instant now, Effects effects) => machine.Close(call, now);
    }
}
