namespace NetKafka.Tests.Allocation;

/// <summary>Tests that count what the process does, and so run after all others and one at a time.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
