using NetKafka.Load.Peers;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Commands;

/// <summary><c>run</c>: one client under one load, one line of JSON.</summary>
static class RunCommand
{
    public const string Usage =
        """
        run --client netkafka|confluent|librdkafka --bootstrap HOST:PORT --kind KIND [options]
            --kind         fire, await, consume, roundtrip, openloop, paced, endtoend, start, idle, bare
            --style        consume: fastest, single, bytes, text, parallel, group, consumergroup, share
            --value-bytes  100        --partitions   6         --codec      none, gzip, snappy, lz4, zstd
            --batch-bytes  262144     --linger-ms    5         --buffer-mib 64
            --buffer-ms    how much time's worth of records may wait to be sent
            --senders      1          --rate         messages a second of paced kinds
            --messages N   points at N and 4N messages; without it by time:
            --warm 2       seconds before the first point      --seconds 3  between the two
            --topic NAME   default: the null broker's name for the above
            --group NAME   the group of a reader that is in one; default: load
            --layout       free, pinned, one-core: on which core it runs, with a broker that is told the same
            --uncounted    do not ask the broker for its counts (a real broker has none)
        """;

    public static async Task<int> RunAsync(CommandLine line, IReadOnlyList<IPeer> peers)
    {
        var name = line.Text("client", peers[0].Name);
        var peer = peers.FirstOrDefault(peer => peer.Name == name)
            ?? throw new UsageException($"--client is one of {string.Join(", ", peers.Select(peer => peer.Name))}, not '{name}'.");
        var report = await LoadRun.RunAsync(peer, LoadSettings.Parse(line));
        Console.WriteLine(report.ToJson());
        return report.Error is null ? 0 : 1;
    }
}
