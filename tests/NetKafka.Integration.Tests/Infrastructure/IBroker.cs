namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>One broker that the tests started.</summary>
interface IBroker : IAsyncDisposable
{
    int Id { get; }

    /// <summary>host:port for clients on this machine; it stays the same over restarts.</summary>
    string Address { get; }

    /// <summary>host:port for tools that run where the broker runs.</summary>
    string AddressForTools { get; }

    /// <summary>host:port of a listener that it has beside the usual ones, for clients and tools on this machine; null where it has none of that name.</summary>
    string? AddressOf(string listener);

    /// <summary>Starts it, at first or again with its data, without waiting until it answers.</summary>
    Task Start(CancellationToken cancellation);

    /// <summary>TERM: it hands its partitions over and closes its log. Back once it has ended.</summary>
    Task Stop(CancellationToken cancellation);

    /// <summary>KILL: it ends as by a power cut. Back once it has ended.</summary>
    Task Kill(CancellationToken cancellation);

    /// <summary>What it wrote last, for failures to show; says also whether it has ended.</summary>
    Task<(bool HasEnded, string Text)> Log();

    /// <summary>Copies a file below its data folder to a file of this machine.</summary>
    Task CopyData(string path, string target, CancellationToken cancellation);
}
