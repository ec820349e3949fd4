using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Fetching;

/// <summary>One look at all partitions of a Fetch under its byte limits. Nothing is copied yet.</summary>
sealed class FetchRead
{
    readonly List<PartitionRead> partitions = [];
    long bytes;
    int minBytes;

    internal IReadOnlyList<PartitionRead> Partitions => partitions;

    /// <summary>Enough bytes, or something the client must know at once.</summary>
    internal bool IsDue => bytes >= minBytes || partitions.Any(partition => partition.IsUrgent);

    internal static FetchRead Run(Call<FetchRequest, FetchResponse> call, SessionPartition[] wanted)
    {
        var read = new FetchRead { minBytes = call.Request.MinBytes };
        long left = Math.Min(call.Request.MaxBytes, call.Cluster.Settings.MaxFetchBytes);

        // The first partition that has records gives at least one whole batch, however large.
        var isFirst = true;
        foreach (var session in wanted)
        {
            var partition = new PartitionRead(session);
            partition.Run(call, left, isFirst);
            read.partitions.Add(partition);
            read.bytes += partition.TakenBytes;
            left = Math.Max(0, left - partition.TakenBytes);
            isFirst &= partition.TakenBytes == 0;
        }

        return read;
    }
}
