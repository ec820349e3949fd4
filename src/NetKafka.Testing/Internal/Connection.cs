using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal;

/// <summary>One connection of a client to one broker. Its requests are handled one after another.</summary>
sealed class Connection(int id, Broker broker, int maxFrameBytes, string? user)
{
    readonly Queue<ReadOnlyMemory<byte>> output = new();

    internal int Id { get; } = id;

    internal Broker Broker { get; } = broker;

    /// <summary>As whom its client is authenticated; null on a listener without authentication.</summary>
    internal string? User { get; } = user;

    internal InputBuffer Input { get; } = new(maxFrameBytes);

    /// <summary>The request that is being handled or is parked; what came behind it waits.</summary>
    internal Call? Current { get; set; }

    internal bool IsClosed { get; set; }

    /// <summary>The fetch session that its client has heard of in the last answer, which was whole and without an error; 0 for none.</summary>
    internal int HealthyFetchSession { get; set; }

    /// <summary>Whether it is in the list of connections that have news for the shell.</summary>
    internal bool IsAnnounced { get; set; }

    /// <summary>Whether it is in the list of connections whose next frame can be handled.</summary>
    internal bool IsRunnable { get; set; }

    internal long OutputBytes { get; private set; }

    internal void Send(ReadOnlyMemory<byte> frame)
    {
        output.Enqueue(frame);
        OutputBytes += frame.Length;
    }

    internal bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        if (!output.TryDequeue(out frame))
            return false;
        OutputBytes -= frame.Length;
        return true;
    }
}
