using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.DescribeLogDirsRequest;
using Response = NetKafka.Protocol.Messages.DescribeLogDirsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeLogDirs, every version: of each broker its own. Each directory is a volume of one TiB. A replica that moves has done so at once.</summary>
sealed class DescribeLogDirsHandler : ApiHandler<Request, Response>
{
    const long VolumeBytes = 1L << 40;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => call.Version >= 3
        ? new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error }
        // Before version 3 there is no error of the whole.
        : new()
        {
            ThrottleTimeMs = call.ThrottleMs,
            Results = [.. call.Broker.LogDirPaths.Select(path => new Response.DescribeLogDirsResult { LogDir = path, ErrorCode = error })],
        };

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(new Response
    {
        ThrottleTimeMs = call.ThrottleMs, Results = [.. call.Broker.LogDirPaths.Select((path, directory) => Describe(call, path, directory))],
    });

    static Response.DescribeLogDirsResult Describe(Call<Request, Response> call, string path, int directory)
    {
        if (call.Broker.FailedLogDir == directory)
            return new() { LogDir = path, ErrorCode = ErrorCode.KafkaStorageError };
        var node = call.Broker.NodeId;
        var here = call.Cluster.Topics.SelectMany(static topic => topic.Partitions)
            .Where(partition => partition.Replicas.Contains(node) && partition.LogDirAt(node) == directory).ToArray();
        return new()
        {
            LogDir = path,
            TotalBytes = VolumeBytes,
            UsableBytes = VolumeBytes - here.Sum(partition => SizeAt(partition, node)),
            Topics = [.. here.Where(partition => IsAsked(call.Request, partition)).GroupBy(static partition => partition.Topic.Name).Select(topic =>
                new Response.DescribeLogDirsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => new Response.DescribeLogDirsPartition
                    {
                        PartitionIndex = partition.Index,
                        PartitionSize = SizeAt(partition, node),
                        OffsetLag = Math.Max(0, partition.HighWatermark - partition.EndOffsetAt(node)),
                    })],
                })],
        };
    }

    static long SizeAt(Partition partition, int node)
    {
        var end = partition.EndOffsetAt(node);
        return partition.Log.Batches.Where(batch => batch.BaseOffset < end).Sum(static batch => (long)batch.Bytes.Length);
    }

    static bool IsAsked(Request request, Partition partition) => request.Topics is null
        || request.Topics.Any(topic => topic.Topic == partition.Topic.Name && topic.Partitions.Contains(partition.Index));
}
