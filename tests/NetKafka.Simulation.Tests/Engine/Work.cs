namespace NetKafka.Simulation.Tests.Engine;

/// <summary>Something to run: a cached callback and what it works on, so that nothing is allocated for a step.</summary>
readonly record struct Work(WorkKind Kind, SendOrPostCallback Run, object? State);
