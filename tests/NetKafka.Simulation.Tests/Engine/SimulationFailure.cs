namespace NetKafka.Simulation.Tests.Engine;

/// <summary>The run cannot go on, or something broke the rules of the simulation itself.</summary>
sealed class SimulationFailure(string message, Exception? inner = null) : Exception(message, inner);
