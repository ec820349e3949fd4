using Microsoft.Extensions.Logging;
using NetKafka.Simulation.Tests.Engine;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>Puts the client's log lines into the story. It is there without a story too: with it or without, a seed takes the same steps.</summary>
sealed class StoryLogger(SimScheduler scheduler, string client) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => scheduler.Story is not null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        scheduler.Story?.Add(scheduler.Now, $"{client} logs {logLevel} {eventId.Id}: {formatter(state, exception)}{(exception is null ? "" : $" [{exception}]")}");
}
