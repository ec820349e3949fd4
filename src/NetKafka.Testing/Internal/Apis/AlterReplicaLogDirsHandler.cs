using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.AlterReplicaLogDirsRequest;
using Response = NetKafka.Protocol.Messages.AlterReplicaLogDirsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>AlterReplicaLogDirs, every version: of each broker its own. A replica has moved at once; where there is none yet, one that comes is placed there.</summary>
sealed class AlterReplicaLogDirsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => Respond(call, (_, _, _) => error);

    protected override void Handle(Call<Request, Response> call, long nowMs) =>
        call.Answer(Respond(call, (path, topic, partition) => Move(call.Cluster, call.Broker, path, topic, partition)));

    static ErrorCode Move(ClusterState cluster, Broker broker, string path, string topic, int index)
    {
        var directory = Array.IndexOf(broker.LogDirPaths, path);
        if (directory < 0)
            return ErrorCode.LogDirNotFound;
        if (directory == broker.FailedLogDir)
            return ErrorCode.KafkaStorageError;
        if (cluster.FindTopic(topic)?.Find(index) is not { } partition)
            return ErrorCode.UnknownTopicOrPartition;
        if (broker.HasLost(partition))
            return ErrorCode.KafkaStorageError;
        partition.PlaceAt(broker.NodeId, directory);
        return partition.Replicas.Contains(broker.NodeId) ? ErrorCode.None : ErrorCode.ReplicaNotAvailable;
    }

    static Response Respond(Call<Request, Response> call, Func<string, string, int, ErrorCode> move) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Results = [.. call.Request.Dirs
            .SelectMany(static dir => dir.Topics, static (dir, topic) => (dir.Path, Topic: topic))
            .GroupBy(static row => row.Topic.Name)
            .Select(rows => new Response.AlterReplicaLogDirTopicResult
            {
                TopicName = rows.Key,
                Partitions = [.. rows.SelectMany(static row => row.Topic.Partitions, (row, partition) => new Response.AlterReplicaLogDirPartitionResult
                {
                    PartitionIndex = partition, ErrorCode = move(row.Path, rows.Key, partition),
                })],
            })],
    };
}
