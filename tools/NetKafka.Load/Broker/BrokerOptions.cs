namespace NetKafka.Load.Broker;

/// <summary>What a null broker does.</summary>
sealed record BrokerOptions
{
    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>How many partitions a topic has whose name does not say.</summary>
    public int Partitions { get; init; } = 6;

    /// <summary>The size of the values that are fetched from a topic whose name does not say.</summary>
    public int ValueBytes { get; init; } = 100;

    /// <summary>How large a batch of fetched records is, before compression.</summary>
    public int BatchBytes { get; init; } = 64 * 1024;

    /// <summary>How much a fetch brings of one partition, unless the client asks for less.</summary>
    public int SetBytes { get; init; } = 512 * 1024;

    /// <summary>How long an answer to a Produce waits after its request.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>From one pause to the next; zero for none.</summary>
    public TimeSpan PauseEvery { get; init; }

    /// <summary>How long nothing is read and nothing answered.</summary>
    public TimeSpan PauseFor { get; init; }

    /// <summary>How long nothing is read and nothing answered once, five seconds after the start; zero for never.</summary>
    public TimeSpan FirstPause { get; init; }

    /// <summary>Whether every batch's CRC, sequence and count are verified.</summary>
    public bool IsChecking { get; init; }
}
