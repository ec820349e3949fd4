namespace NetKafka.Simulation.Tests.Histories;

/// <summary>What an application knows of a transaction of its own.</summary>
enum TransactionOutcome
{
    /// <summary>It has not ended yet, or its process is dead: all of it may show, or none.</summary>
    Open,

    /// <summary>The commit was said to have happened.</summary>
    Committed,

    /// <summary>The abort was said to have happened, or nobody ever asked for the commit: none of it may show.</summary>
    Aborted,

    /// <summary>A commit was asked for, and the producer ended before it was heard of: all of it may show, or none.</summary>
    Unknown,
}
