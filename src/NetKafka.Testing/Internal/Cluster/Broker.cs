namespace NetKafka.Testing.Internal.Cluster;

/// <summary>One broker: where it is reached, whether it runs, and what it alone believes.</summary>
sealed class Broker(int nodeId, string host, int port, string? rack)
{
    /// <summary>How many log directories it has. Partitions are spread over them by their numbers, until they are moved.</summary>
    internal const int LogDirs = 2;

    internal int NodeId { get; } = nodeId;

    internal string Host { get; set; } = host;

    internal int Port { get; set; } = port;

    internal string? Rack { get; } = rack;

    internal bool IsUp { get; set; } = true;

    /// <summary>Whether the controller knows of it. One that was taken out registers when it starts again.</summary>
    internal bool IsRegistered { get; set; } = true;

    /// <summary>How often it was started again. What it had read before its end is lost.</summary>
    internal int Starts { get; set; }

    /// <summary>The log directory that cannot be used; -1 for none.</summary>
    internal int FailedLogDir { get; set; } = -1;

    /// <summary>What it goes on telling clients, while it is cut off from the controller; null when it is up to date.</summary>
    internal MetadataView? StaleView { get; set; }

    /// <summary>Sent as throttle_time_ms with every answer that has the field.</summary>
    internal int ThrottleMs { get; set; }

    /// <summary>The paths of its log directories, by their numbers.</summary>
    internal string[] LogDirPaths { get; } = [.. Enumerable.Range(0, LogDirs).Select(i => $"/var/kafka/broker-{nodeId}/{(char)('a' + i)}")];

    /// <summary>The id of its metadata log, where voters have such.</summary>
    internal Guid MetadataDirectoryId { get; } = new(nodeId, 0x6B61, 0x666B, 0, 0, 0, 0, 0, 0, 0, 1);

    /// <summary>Whether a partition's replica lies in a log directory that cannot be used.</summary>
    internal bool HasLost(Partition partition) => FailedLogDir >= 0 && partition.LogDirAt(NodeId) == FailedLogDir;
}
