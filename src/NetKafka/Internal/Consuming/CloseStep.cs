namespace NetKafka.Internal.Consuming;

/// <summary>How far the end of a consumer has got.</summary>
enum CloseStep
{
    /// <summary>What the consumer holds, partitions or sessions, is being given up.</summary>
    Releasing,

    /// <summary>It is; the group is to be left.</summary>
    Leaving,

    /// <summary>The coordinator was told.</summary>
    AwaitingLeave,

    /// <summary>Nothing more is waited for.</summary>
    Ended,

    /// <summary>Everything was given back.</summary>
    Closed,
}
