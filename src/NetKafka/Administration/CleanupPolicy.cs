namespace NetKafka.Administration;

/// <summary>How a topic gets rid of old records (<c>cleanup.policy</c>).</summary>
public enum CleanupPolicy
{
    /// <summary>What is too old or too much is deleted.</summary>
    Delete,

    /// <summary>The newest record of each key stays.</summary>
    Compact,

    /// <summary>The newest record of each key stays until it is too old or too much.</summary>
    CompactAndDelete,
}
