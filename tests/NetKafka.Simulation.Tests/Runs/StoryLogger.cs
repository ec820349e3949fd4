using Microsoft.Extensions.Logging;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Engine;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>
/// Puts the client's log lines into the story, and takes note of the id that a producer was given, of fetches that failed and of positions that are
/// looked up again. It is there without a story too: with it or without, a seed takes the same steps.
/// </summary>
/// <param name="scheduler">Whose story it is.</param>
/// <param name="client">The client's name.</param>
/// <param name="stamps">The newest id and epoch of each client's producer.</param>
/// <param name="sessions">Is told of fetches that failed.</param>
/// <param name="onLookedUpAgain">Told of a partition of which the client knows no more where it is.</param>
sealed class StoryLogger(
    SimScheduler scheduler, string client, Dictionary<string, (long ProducerId, short Epoch)> stamps, SessionChecker sessions, Action<string> onLookedUpAgain)
    : ILoggerFactory, ILogger
{
    const int ProducerIdKnown = 302;
    const int FetchFailed = 400;
    const int FetchFailedAgain = 414;
    const int PartitionProblem = 408;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => scheduler.Story is not null || logLevel is LogLevel.Debug or LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == ProducerIdKnown && state is IReadOnlyList<KeyValuePair<string, object?>> values)
            stamps[client] = ((long)values[0].Value!, (short)values[1].Value!);
        if (eventId.Id is FetchFailed or FetchFailedAgain)
            sessions.OnFetchFailed(client);
        if (eventId.Id == PartitionProblem && state is IReadOnlyList<KeyValuePair<string, object?>> problem
            && problem[1].Value is string said && said.Contains("created anew", StringComparison.Ordinal) && !said.Contains("from its beginning", StringComparison.Ordinal))
            onLookedUpAgain((string)problem[0].Value!);
        scheduler.Story?.Add(scheduler.Now, $"{client} logs {logLevel} {eventId.Id}: {formatter(state, exception)}{(exception is null ? "" : $" [{exception}]")}");
    }
}
