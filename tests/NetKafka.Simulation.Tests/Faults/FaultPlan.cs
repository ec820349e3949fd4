using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>The faults of one seed, in order of time: a random subset of the kinds, and each of them at random moments.</summary>
sealed class FaultPlan
{
    const int MinFaults = 6;
    const int MaxMoreFaults = 30;
    const int MinCertainFaults = 5;
    const int EarlyPart = 8;
    const int MinFaultsOfReplicas = 3;
    const int MaxMoreFaultsOfReplicas = 8;
    const int MaxMoreRecreations = 3;

    // These strike only where a plan is made for them.
    static readonly FaultKind[] Apart = [FaultKind.FollowersTrimmed, FaultKind.FollowerStuck];
    static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Except(Apart)];

    // What becomes of a replica that a consumer is sent to.
    static readonly FaultKind[] OfReplicas =
    [
        FaultKind.FollowersTrimmed, FaultKind.FollowersTrimmed, FaultKind.FollowerStuck, FaultKind.BrokerDown, FaultKind.ReplicasBehind, FaultKind.LeaderMove,
    ];

    // The others need something to strike, which there may not be.
    static readonly FaultKind[] Certain =
    [
        FaultKind.ShortLivedConnections, FaultKind.RefusedConnections, FaultKind.CutOff, FaultKind.SlowLink, FaultKind.LateDelivery,
    ];

    // Few scenarios meet them, and those the more often.
    static readonly FaultKind[] RareKinds = [FaultKind.TopicRecreated, FaultKind.UncleanElection];

    FaultPlan(IReadOnlyList<PlannedFault> faults) => Faults = faults;

    public IReadOnlyList<PlannedFault> Faults { get; }

    /// <param name="random">The seed's chance for faults, which nothing else draws from.</param>
    /// <param name="chaosTicks">How long faults may begin.</param>
    /// <param name="meets">Which kinds may strike.</param>
    public static FaultPlan Draw(RandomSource random, long chaosTicks, Func<FaultKind, bool> meets)
    {
        FaultKind[] all = [.. Kinds.Where(meets)];
        var kinds = new List<FaultKind>();
        foreach (var kind in all)
        {
            if (random.Next(RareKinds.Contains(kind) ? 2 : 4) == 0)
                kinds.Add(kind);
        }
        if (kinds.Count == 0)
            kinds.Add(all[random.Next(all.Length)]);
        var faults = new List<PlannedFault>();
        for (var left = MinFaults + random.Next(MaxMoreFaults); left > 0; left--)
            faults.Add(DrawFault(random, chaosTicks, kinds));
        // A run that meets few of its faults is given some that every run meets, before its application can be over.
        var early = chaosTicks / EarlyPart;
        while (faults.Count(fault => fault.AtTicks < early && Certain.Contains(fault.Kind)) < MinCertainFaults)
            faults.Add(DrawFault(random, early, [FaultKind.SlowLink]));
        return new FaultPlan(Numbered(faults.OrderBy(fault => fault.AtTicks)));
    }

    /// <summary>The same plan with more faults, of the replicas that consumers are sent to.</summary>
    /// <param name="random">The seed's chance for these.</param>
    /// <param name="chaosTicks">How long faults may begin.</param>
    public FaultPlan WithFaultsOfReplicas(RandomSource random, long chaosTicks)
    {
        var faults = new List<PlannedFault>(Faults);
        for (var left = MinFaultsOfReplicas + random.Next(MaxMoreFaultsOfReplicas); left > 0; left--)
            faults.Add(DrawFault(random, chaosTicks, [.. OfReplicas]));
        return new FaultPlan(Numbered(faults.OrderBy(fault => fault.AtTicks)));
    }

    /// <summary>The same plan with topics that are deleted and created anew.</summary>
    public FaultPlan WithRecreations(RandomSource random, long chaosTicks)
    {
        var faults = new List<PlannedFault>(Faults);
        for (var left = 1 + random.Next(MaxMoreRecreations); left > 0; left--)
            faults.Add(DrawFault(random, chaosTicks, [FaultKind.TopicRecreated]));
        return new FaultPlan(Numbered(faults.OrderBy(fault => fault.AtTicks)));
    }

    /// <summary>The same plan without some of its faults; the others keep their numbers.</summary>
    public FaultPlan Keep(Func<PlannedFault, bool> keeps) => new([.. Faults.Where(keeps)]);

    static PlannedFault DrawFault(RandomSource random, long chaosTicks, List<FaultKind> kinds)
    {
        var at = (long)(random.NextDouble() * chaosTicks);
        // Mostly short, now and then long enough for timeouts.
        var length = (long)(chaosTicks * (random.Next(8) == 0 ? 1 : 0.25) * random.NextDouble() * random.NextDouble());
        return new PlannedFault(0, kinds[random.Next(kinds.Count)], at, length, random.Next(int.MaxValue), random.Next(int.MaxValue));
    }

    static PlannedFault[] Numbered(IEnumerable<PlannedFault> faults) => [.. faults.Select((fault, index) => fault with { Index = index })];
}
