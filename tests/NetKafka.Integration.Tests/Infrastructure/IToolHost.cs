namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A place where the classes of Kafka's newest release can be run.</summary>
interface IToolHost : IAsyncDisposable
{
    /// <summary>Whether it runs beside the brokers' containers, and so reaches them by their inner addresses only.</summary>
    bool RunsBesideContainers { get; }

    /// <summary>Runs a class to its end, with the input as its standard input.</summary>
    Task<ToolResult> Run(string className, IReadOnlyList<string> arguments, string? input, TimeSpan deadline, CancellationToken cancellation);

    /// <summary>Starts a class and leaves it running.</summary>
    IRunningTool Start(string className, IReadOnlyList<string> arguments);

    /// <summary>A path under which a tool finds a file of this machine.</summary>
    Task<string> Bring(string file, CancellationToken cancellation);
}
