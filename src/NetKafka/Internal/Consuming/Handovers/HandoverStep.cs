namespace NetKafka.Internal.Consuming.Handovers;

/// <summary>What a handover waits for.</summary>
enum HandoverStep
{
    /// <summary>Its turn.</summary>
    Waiting,

    /// <summary>The application finishes what it has in hand.</summary>
    Finishing,

    /// <summary>The application's handler.</summary>
    Handling,

    /// <summary>The commit of what is finished.</summary>
    Committing,

    /// <summary>Nothing.</summary>
    Done,
}
