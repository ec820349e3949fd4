using NetKafka.Consuming;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>What the applications of a run do, and what must be true in the end.</summary>
abstract class Scenario
{
    static readonly Func<Scenario>[] All =
    [
        static () => new RawRequests(), static () => new ProduceScenario(), static () => new ConsumeScenario(), static () => new CommittedScenario(),
        static () => new TransactScenario(), static () => new ConsumeScenario(GroupProtocol.Consumer), static () => new ShareScenario(),
        static () => new AdminScenario(),
    ];

    public abstract string Name { get; }

    /// <summary>Whether a kind of fault may strike in it: some leave nothing to hold it to.</summary>
    public virtual bool Meets(FaultKind kind) => kind is not (FaultKind.TopicRecreated or FaultKind.UncleanElection or FaultKind.FeatureChange);

    /// <summary>Whether brokers must know transactions with the members of groups in them, as they do since Kafka 2.5.</summary>
    public virtual bool NeedsTransactions => false;

    /// <summary>Whether brokers must know the consumer protocol of groups, as they do since Kafka 4.0.</summary>
    public virtual bool NeedsConsumerProtocol => false;

    /// <summary>Whether brokers of some runs have racks, and send consumers to followers (KIP-392).</summary>
    public virtual bool MayHaveRacks => false;

    /// <summary>Whether topics of some runs are deleted and created anew while groups read them.</summary>
    public virtual bool MayRecreateTopics => false;

    /// <summary>How long after healing everything must be over.</summary>
    public abstract TimeSpan LivenessBound { get; }

    /// <summary>A scenario for one run: it keeps what belongs to the run.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static Scenario Find(string name)
    {
        var all = All.Select(static make => make()).ToArray();
        return Array.Find(all, scenario => scenario.Name == name)
            ?? throw new ArgumentException($"There is no scenario {name}; there are: {string.Join(", ", all.Select(scenario => scenario.Name))}.", nameof(name));
    }

    /// <summary>The scenario of a seed: the one that is named, or where none is, each in its turn.</summary>
    public static Scenario Of(ulong seed, string? name) => Find(name ?? (seed % 10) switch
    {
        9 when seed % 40 == 29 => "admin",
        9 => seed % 20 == 9 ? "raw" : "transact",
        1 when seed % 20 == 11 => "share",
        7 or 8 => "transact",
        5 => "consume-848",
        2 or 6 => "committed",
        var turn => turn % 2 == 0 ? "produce" : "consume",
    });

    /// <summary>Runs the applications to their end. Clients are disposed in it.</summary>
    public abstract Task RunAsync(SimWorld world);

    /// <summary>Holds what was seen against the truth.</summary>
    public virtual void Check(SimWorld world) => ProduceChecker.Check(
        world.History, world.ReadLog(), world.ChaosTicks + LivenessBound.Ticks, world.Violations);
}
