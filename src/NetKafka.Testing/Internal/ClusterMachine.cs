using NetKafka.Testing.Internal.Apis;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal;

/// <summary>
/// A Kafka cluster without I/O: bytes and time in, bytes and the next deadline out. Shells carry the bytes. Time is a count
/// of milliseconds that never falls; its start is the shell's choice. For one thread at a time.
/// <para>
/// A shell calls <see cref="Connect"/>, <see cref="Receive"/>, <see cref="Disconnect"/> and <see cref="Poll"/>, and after
/// each of these or of the operations on the cluster it walks <see cref="TryNextReady"/>: a connection with news has output
/// (<see cref="TryTakeOutput"/>) or was closed (<see cref="IsClosed"/>; what it still sends comes first). Then it asks
/// <see cref="NextDeadlineMs"/> when to poll again.
/// </para>
/// </summary>
sealed partial class ClusterMachine
{
    const long MaxUntakenOutputBytes = 1024 * 1024;

    readonly Dictionary<int, Connection> connections = [];
    readonly Queue<Connection> runnable = new();
    readonly Queue<Connection> ready = new();
    readonly ApiTable apis = new();
    int lastConnection;
    bool isDraining;

    /// <param name="settings">The cluster's settings.</param>
    /// <param name="seed">Of all chance in the machine: ids of topics, members and sessions; what a lost leader takes
    /// along.</param>
    internal ClusterMachine(ClusterSettings settings, long seed)
    {
        Settings = settings;
        Cluster = new ClusterState(settings, new SeededRandom(seed), Timers);
        Cluster.BrokerStopped += CloseConnectionsOf;
    }

    internal ClusterSettings Settings { get; }

    /// <summary>Topics, brokers and groups. Read it freely; change it by <c>Operate</c>.</summary>
    internal ClusterState Cluster { get; }

    internal TimerQueue Timers { get; } = new();

    internal ApiTable Apis => apis;

    /// <summary>What goes wrong; null for nothing.</summary>
    internal IFaults? Faults { get; set; }

    /// <summary>The latest time that the machine was told.</summary>
    internal long NowMs { get; private set; }

    internal long NextDeadlineMs => Timers.NextDeadlineMs;

    /// <summary>Opens a connection to a broker. Its id is 1 or more, and is not used again.</summary>
    /// <param name="nodeId">The broker.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="user">As whom the client is authenticated; null for a listener without authentication.</param>
    /// <returns>The id, or -1 if the broker is down or there is none of this id: connection refused.</returns>
    internal int Connect(int nodeId, long nowMs, string? user = null)
    {
        Advance(nowMs);
        if (Cluster.FindBroker(nodeId) is not { IsUp: true } broker)
            return -1;
        var connection = new Connection(++lastConnection, broker, Settings.MaxRequestBytes, user);
        connections.Add(connection.Id, connection);
        return connection.Id;
    }

    /// <summary>Takes bytes from a client, in pieces of any size. Bytes for a closed connection are dropped.</summary>
    internal void Receive(int connection, ReadOnlySpan<byte> bytes, long nowMs)
    {
        Advance(nowMs);
        if (Find(connection) is not { IsClosed: false } open)
            return;
        open.Input.Append(bytes);
        MakeRunnable(open);
        Drain();
    }

    /// <summary>Whether the broker would read from the socket now; a shell that asks bounds the machine's memory.</summary>
    internal bool WantsInput(int connection) => Find(connection) is { IsClosed: false } open && open.Input.WantsMore;

    /// <summary>The client closed. What it had parked is given up; what was handled stays handled.</summary>
    internal void Disconnect(int connection, long nowMs)
    {
        Advance(nowMs);
        if (Find(connection) is not { } open)
            return;
        Close(open);
        connections.Remove(connection);
        Drain();
    }

    /// <summary>How many requests of a connection are here and not handled, the one in hand among them.</summary>
    internal int CountWaiting(int connection) => Find(connection)?.Input.CountFrames() ?? 0;

    /// <summary>Does all that is due.</summary>
    /// <returns>When to poll again, or <see cref="TimerQueue.Never"/>. Any other call may bring it forward.</returns>
    internal long Poll(long nowMs)
    {
        Advance(nowMs);
        Drain();
        return NextDeadlineMs;
    }

    /// <summary>The next connection that has output or was closed since it was last named here.</summary>
    internal bool TryNextReady(out int connection)
    {
        while (ready.TryDequeue(out var next))
        {
            next.IsAnnounced = false;
            if (!connections.ContainsKey(next.Id))
                continue;
            connection = next.Id;
            return true;
        }

        connection = 0;
        return false;
    }

    /// <summary>Takes the next answer, its length included. The memory is the caller's for good.</summary>
    internal bool TryTakeOutput(int connection, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (Find(connection) is not { } open || !open.TryTake(out bytes))
            return false;
        MakeRunnable(open);
        Drain();
        return true;
    }

    /// <summary>Whether the broker closed the connection. Output from before may still be taken; then call Disconnect.</summary>
    internal bool IsClosed(int connection) => Find(connection) is not { IsClosed: false };

    /// <summary>Closes a connection from the broker's side, as an idle timeout or a fault does.</summary>
    internal void Kill(int connection, long nowMs)
    {
        Advance(nowMs);
        if (Find(connection) is { } open)
            Close(open);
        Drain();
    }

    /// <summary>The open connections in the order in which they were opened.</summary>
    internal int[] OpenConnections() => [.. connections.Values.Where(c => !c.IsClosed).Select(c => c.Id).Order()];

    /// <summary>
    /// Does something to the cluster (stops a broker, moves a leader, creates a topic) at a moment, and all that follows from it.
    /// </summary>
    internal T Operate<T>(long nowMs, Func<ClusterState, T> operation)
    {
        Advance(nowMs);
        var result = operation(Cluster);
        Drain();
        return result;
    }

    /// <inheritdoc cref="Operate{T}"/>
    internal void Operate(long nowMs, Action<ClusterState> operation)
    {
        Advance(nowMs);
        operation(Cluster);
        Drain();
    }

    void Advance(long nowMs)
    {
        if (nowMs < NowMs)
            throw new ArgumentOutOfRangeException(nameof(nowMs), nowMs, $"Time fell: the machine is at {NowMs} ms already.");
        NowMs = nowMs;
        while (Timers.RunNext(nowMs))
        {
        }
    }

    /// <summary>Handles every frame that can be handled now, one of each connection in turn.</summary>
    void Drain()
    {
        if (isDraining)
            return;
        isDraining = true;
        try
        {
            while (runnable.TryDequeue(out var connection))
            {
                connection.IsRunnable = false;
                HandleNextFrame(connection);
            }
        }
        finally
        {
            isDraining = false;
        }
    }

    /// <summary>Closes a connection from the broker's side.</summary>
    internal void Close(Connection connection)
    {
        if (connection.IsClosed)
            return;
        connection.IsClosed = true;
        connection.Input.Clear();
        var current = connection.Current;
        connection.Current = null;
        current?.OnAbandoned?.Invoke();
        Cluster.ShareSessions.OnDisconnected(connection.Broker.NodeId, connection.Id, NowMs);
        Announce(connection);
    }

    /// <summary>An answer (empty: none is due) is ready; faults decide whether and when it leaves.</summary>
    internal void Complete(Call call, ReadOnlyMemory<byte> frame)
    {
        if (call.Fault.Silence)
            return;
        if (call.Fault.DelayAnswerMs > 0)
            Timers.Schedule(NowMs + call.Fault.DelayAnswerMs, _ => Leave(call, frame));
        else
            Leave(call, frame);
    }

    void Leave(Call call, ReadOnlyMemory<byte> frame)
    {
        var connection = call.Connection;
        if (connection.IsClosed)
            return;
        var fault = call.Fault;
        if (fault.IllegalAnswer > 0 && !frame.IsEmpty)
            frame = IllegalAnswer.Of(frame.Span, fault.IllegalAnswer);
        var isCut = fault.CutAnswerAfterBytes > 0 && fault.CutAnswerAfterBytes < frame.Length;
        if (!fault.CloseAfter && !frame.IsEmpty)
        {
            connection.Send(isCut ? frame[..fault.CutAnswerAfterBytes] : frame);
            Announce(connection);
        }

        connection.Current = null;
        if (fault.CloseAfter || isCut)
            Close(connection);
        else
            MakeRunnable(connection);
    }

    void CloseConnectionsOf(Broker broker)
    {
        foreach (var id in connections.Where(c => c.Value.Broker == broker).Select(c => c.Key).Order().ToArray())
            Close(connections[id]);
    }

    void MakeRunnable(Connection connection)
    {
        if (connection.IsRunnable || connection.IsClosed)
            return;
        connection.IsRunnable = true;
        runnable.Enqueue(connection);
    }

    void Announce(Connection connection)
    {
        if (connection.IsAnnounced)
            return;
        connection.IsAnnounced = true;
        ready.Enqueue(connection);
    }

    Connection? Find(int connection) => connections.GetValueOrDefault(connection);
}
