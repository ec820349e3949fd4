namespace NetKafka.Load.Placing;

/// <summary>On which cores client and broker run.</summary>
enum CpuLayout
{
    /// <summary>Both on all: what a user sees.</summary>
    Free,

    /// <summary>The client on one core and the broker on another: what a message costs one core.</summary>
    Pinned,

    /// <summary>Both on one core, so that nothing waits for a core to wake up.</summary>
    OneCore,
}
