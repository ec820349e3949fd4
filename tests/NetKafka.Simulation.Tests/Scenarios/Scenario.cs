using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>What the applications of a run do, and what must be true in the end.</summary>
abstract class Scenario
{
    static readonly Scenario[] All = [new RawRequests(), new ProduceScenario(), new ConsumeScenario()];

    /// <summary>The scenario that is run where none is named.</summary>
    public const string Default = "produce";

    public abstract string Name { get; }

    /// <summary>How long after healing everything must be over.</summary>
    public abstract TimeSpan LivenessBound { get; }

    public static Scenario Find(string name) => Array.Find(All, scenario => scenario.Name == name)
        ?? throw new ArgumentException($"There is no scenario {name}; there are: {string.Join(", ", All.Select(scenario => scenario.Name))}.", nameof(name));

    /// <summary>Runs the applications to their end. Clients are disposed in it.</summary>
    public abstract Task RunAsync(SimWorld world);

    /// <summary>Holds what was seen against the truth.</summary>
    public virtual void Check(SimWorld world) => ProduceChecker.Check(
        world.History, LogTruth.Read(world.Machine.Cluster), world.ChaosTicks + LivenessBound.Ticks, world.Violations);
}
