using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Shells;

/// <summary>
/// The machine with a lock around it and a timer below it. Every entry takes the lock, does its part, re-arms the timer, and
/// wakes the connections that have news after the lock is free.
/// </summary>
sealed class ClusterShell : IDisposable
{
    readonly Lock gate = new();
    readonly ClusterMachine machine;
    readonly TimeProvider time;
    readonly long startTimestamp;
    readonly ITimer timer;
    readonly Dictionary<int, ShellConnection> connections = [];
    readonly SortedSet<int> blockedWriters = [];
    long armedForMs = TimerQueue.Never;
    Exception? fault;
    bool isDisposed;

    internal ClusterShell(ClusterSettings settings, long seed, TimeProvider time)
    {
        this.time = time;
        startTimestamp = time.GetTimestamp();
        settings.WallClockOffsetMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        machine = new ClusterMachine(settings, seed);
        timer = time.CreateTimer(
            static shell => ((ClusterShell)shell!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    long NowMs => (long)time.GetElapsedTime(startTimestamp).TotalMilliseconds;

    /// <summary>Does something to the cluster, or reads from it.</summary>
    internal T Operate<T>(Func<ClusterState, long, T> operation)
    {
        var news = new List<ShellConnection>();
        T result;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(EmbeddedKafka));
            if (fault is not null)
            {
                throw new InvalidOperationException(
                    "The embedded Kafka failed while it handled a request; see the inner exception.", fault);
            }

            var now = NowMs;
            result = machine.Operate(now, cluster => operation(cluster, now));
            EndTurn(news);
        }

        Wake(news);
        return result;
    }

    /// <summary>Has somebody decide what goes wrong with each request from now on; null for nobody.</summary>
    internal void SetFaults(IFaults? faults)
    {
        lock (gate)
            machine.Faults = faults;
    }

    /// <summary>Connects to a broker; null if it is down.</summary>
    internal ShellConnection? Connect(int nodeId, string? user = null)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(EmbeddedKafka));
            var id = machine.Connect(nodeId, NowMs, user);
            if (id < 0)
                return null;
            var connection = new ShellConnection(this, id);
            connections.Add(id, connection);
            return connection;
        }
    }

    /// <summary>Gives bytes to the broker; false if it reads no more until it has worked off what it has.</summary>
    /// <exception cref="IOException">The broker closed the connection.</exception>
    internal bool TryReceive(int connection, ReadOnlySpan<byte> bytes)
    {
        var news = new List<ShellConnection>();
        lock (gate)
        {
            if (isDisposed || machine.IsClosed(connection))
                throw new IOException("The broker closed the connection.");
            if (!machine.WantsInput(connection))
            {
                blockedWriters.Add(connection);
                return false;
            }

            machine.Receive(connection, bytes, NowMs);
            EndTurn(news);
        }

        Wake(news);
        return true;
    }

    /// <summary>Takes the next answer. Without one, <paramref name="isClosed"/> says that none will come.</summary>
    internal bool TryTake(int connection, out ReadOnlyMemory<byte> bytes, out bool isClosed)
    {
        var news = new List<ShellConnection>();
        bool isTaken;
        lock (gate)
        {
            isTaken = machine.TryTakeOutput(connection, out bytes);
            isClosed = !isTaken && (isDisposed || machine.IsClosed(connection));
            EndTurn(news);
        }

        Wake(news);
        return isTaken;
    }

    /// <summary>Keeps the first fault of the fake itself that no caller could hear of; the next operation throws it.</summary>
    internal void Report(Exception error)
    {
        lock (gate)
            fault ??= error;
    }

    internal void Disconnect(int connection)
    {
        var news = new List<ShellConnection>();
        lock (gate)
        {
            connections.Remove(connection);
            blockedWriters.Remove(connection);
            if (isDisposed)
                return;
            machine.Disconnect(connection, NowMs);
            EndTurn(news);
        }

        Wake(news);
    }

    public void Dispose()
    {
        ShellConnection[] open;
        lock (gate)
        {
            if (isDisposed)
                return;
            isDisposed = true;
            open = [.. connections.Values];
        }

        timer.Dispose();
        Wake(open);
    }

    void OnTimer()
    {
        var news = new List<ShellConnection>();
        lock (gate)
        {
            if (isDisposed)
                return;
            armedForMs = TimerQueue.Never;
            try
            {
                machine.Poll(NowMs);
            }
            catch (Exception error)
            {
                fault ??= error;
            }

            EndTurn(news);
        }

        Wake(news);
    }

    void EndTurn(List<ShellConnection> news)
    {
        while (machine.TryNextReady(out var id))
        {
            if (connections.TryGetValue(id, out var connection))
                news.Add(connection);
        }

        if (blockedWriters.Count > 0)
        {
            foreach (var id in blockedWriters.Where(id => machine.WantsInput(id) || machine.IsClosed(id)).ToArray())
            {
                blockedWriters.Remove(id);
                connections[id].Writable.Set();
            }
        }

        var deadline = machine.NextDeadlineMs;
        if (deadline == armedForMs || isDisposed)
            return;
        armedForMs = deadline;
        timer.Change(
            deadline == TimerQueue.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(1, deadline - NowMs)),
            Timeout.InfiniteTimeSpan);
    }

    static void Wake(IEnumerable<ShellConnection> news)
    {
        foreach (var connection in news)
        {
            connection.Readable.Set();
            connection.Writable.Set();
        }
    }
}
