namespace NetKafka.Simulation.Tests.Engine;

/// <summary>How the scheduler chooses among what can run. Each finds other interleavings.</summary>
enum PickOrder
{
    /// <summary>Any, with equal chance.</summary>
    Any,

    /// <summary>Mostly the one that became runnable first, as an idle machine does.</summary>
    MostlyOldest,

    /// <summary>Mostly the one that became runnable last, which lets others wait long.</summary>
    MostlyNewest,
}
