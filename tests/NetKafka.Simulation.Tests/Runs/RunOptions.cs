using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Faults;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>How a seed is to be run.</summary>
/// <param name="TellsStory">Whether every event is written down.</param>
/// <param name="Keeps">Which of the planned faults strike; null for all.</param>
/// <param name="Bug">The bug that is put back into the client.</param>
sealed record RunOptions(bool TellsStory = false, Func<PlannedFault, bool>? Keeps = null, Bug Bug = Bug.None);
