using NetKafka.Consuming;
using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>How a member works on many records at a time, if it does: drawn by chance of its own.</summary>
sealed class WorkStyle
{
    public WorkStyle(RandomSource random)
    {
        Random = random;
        IsMany = random.Next(5) < 2;
        Options = new ProcessingOptions
        {
            Order = random.Next(3) == 0 ? ProcessingOrder.ByPartition : ProcessingOrder.ByKey,
            MaxConcurrency = 1 + random.Next(8),
            MaxPending = 1 + random.Next(random.Next(2) == 0 ? 6 : 60),
        };
        PercentOfPauses = 10 + random.Next(3) * 20;
        PercentOfErrors = random.Next(3);
        OnError = (ProcessingErrorAction?)random.Next(3);
        ObeysItsToken = random.Next(2) == 0;
        MayBeStuck = random.Next(3) != 0;
    }

    public RandomSource Random { get; }

    /// <summary>Whether it works on many records at a time.</summary>
    public bool IsMany { get; }

    public bool IsByKey => IsMany && Options.Order == ProcessingOrder.ByKey;

    public ProcessingOptions Options { get; }

    /// <summary>Of how many records the handler takes its time.</summary>
    public int PercentOfPauses { get; }

    /// <summary>Of how many records the handler throws.</summary>
    public int PercentOfErrors { get; }

    /// <summary>What it does about that.</summary>
    public ProcessingErrorAction? OnError { get; }

    /// <summary>Whether its handlers end when their tokens do.</summary>
    public bool ObeysItsToken { get; }

    /// <summary>Whether one of its handlers takes longer than a member may.</summary>
    public bool MayBeStuck { get; }
}
