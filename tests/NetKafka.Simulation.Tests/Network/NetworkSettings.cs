using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Network;

/// <summary>What the network of one run is like, drawn from its seed.</summary>
sealed record NetworkSettings
{
    /// <summary>The shortest way of a byte from one side to the other.</summary>
    public required long LatencyTicks { get; init; }

    /// <summary>At most this much more, each time anew.</summary>
    public required int JitterTicks { get; init; }

    /// <summary>Of a hundred reads, how many return a few bytes only.</summary>
    public required int ShortReadPercent { get; init; }

    /// <summary>Of a hundred writes, how many leave in pieces.</summary>
    public required int SplitSendPercent { get; init; }

    /// <summary>Of a hundred connections, how many send straight from the client's buffer; the others copy it as a kernel does.</summary>
    public required int UnbufferedPercent { get; init; }

    /// <summary>Whether connections are opened by host name.</summary>
    public required bool ResolvesHosts { get; init; }

    public static NetworkSettings Draw(RandomSource random)
    {
        var latency = random.Next(4) switch { 0 => 500, 1 => 5_000, 2 => 20_000, _ => 100_000 };
        return new NetworkSettings
        {
            LatencyTicks = latency,
            JitterTicks = latency * (1 + random.Next(4)),
            ShortReadPercent = random.Next(3) switch { 0 => 0, 1 => 10, _ => 60 },
            SplitSendPercent = random.Next(3) switch { 0 => 0, 1 => 10, _ => 60 },
            UnbufferedPercent = random.Next(3) * 50,
            ResolvesHosts = random.Next(2) == 0,
        };
    }
}
