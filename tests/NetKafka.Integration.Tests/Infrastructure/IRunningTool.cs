namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A tool that runs beside the test until it is disposed, which kills it.</summary>
public interface IRunningTool : IAsyncDisposable
{
    /// <summary>The lines that it has printed so far; fails if it has ended by itself.</summary>
    Task<IReadOnlyList<string>> Lines(CancellationToken cancellation);
}
