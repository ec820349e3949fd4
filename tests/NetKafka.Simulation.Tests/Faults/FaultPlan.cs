using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>The faults of one seed, in order of time: a random subset of the kinds, and each of them at random moments.</summary>
sealed class FaultPlan
{
    const int MinFaults = 6;
    const int MaxMoreFaults = 30;
    static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    FaultPlan(IReadOnlyList<PlannedFault> faults) => Faults = faults;

    public IReadOnlyList<PlannedFault> Faults { get; }

    /// <param name="random">The seed's chance for faults, which nothing else draws from.</param>
    /// <param name="chaosTicks">How long faults may begin.</param>
    public static FaultPlan Draw(RandomSource random, long chaosTicks)
    {
        var kinds = new List<FaultKind>();
        foreach (var kind in Kinds)
        {
            if (random.Next(4) == 0)
                kinds.Add(kind);
        }
        if (kinds.Count == 0)
            kinds.Add(Kinds[random.Next(Kinds.Length)]);
        var faults = new PlannedFault[MinFaults + random.Next(MaxMoreFaults)];
        for (var i = 0; i < faults.Length; i++)
        {
            var at = (long)(random.NextDouble() * chaosTicks);
            // Mostly short, now and then long enough for timeouts.
            var length = (long)(chaosTicks * (random.Next(8) == 0 ? 1 : 0.25) * random.NextDouble() * random.NextDouble());
            faults[i] = new PlannedFault(i, kinds[random.Next(kinds.Count)], at, length, random.Next(int.MaxValue), random.Next(int.MaxValue));
        }
        return new FaultPlan(Numbered(faults.OrderBy(fault => fault.AtTicks)));
    }

    /// <summary>The same plan without some of its faults; the others keep their numbers.</summary>
    public FaultPlan Keep(Func<PlannedFault, bool> keeps) => new([.. Faults.Where(keeps)]);

    static PlannedFault[] Numbered(IEnumerable<PlannedFault> faults) => [.. faults.Select((fault, index) => fault with { Index = index })];
}
