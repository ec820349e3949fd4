using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>The directories in which brokers keep their logs.</content>
public sealed partial class Admin
{
    static readonly AdminRoute<PartitionReplica> ToItsBroker = new NodeRoute<PartitionReplica>(static replica => replica.NodeId);

    /// <summary>Describes the log directories of brokers and what lies in them (KIP-113, KIP-827). Each broker is asked for its own.</summary>
    /// <param name="nodeIds">The brokers; none succeeds without a request.</param>
    /// <param name="partitions">The partitions whose replicas are told of; null for all, none for the directories alone.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each broker, in the order given, its directories by path, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<int, IReadOnlyList<LogDir>>>> DescribeLogDirsAsync(
        IEnumerable<int> nodeIds, IEnumerable<TopicPartition>? partitions = null, CancellationToken cancellation = default)
    {
        var items = Items<int, IReadOnlyList<LogDir>>(nodeIds, static node => $"The log directories of broker {node} could not be described");
        FailNodesThatAreNone(items, static node => node);
        DescribeLogDirsRequest.DescribableLogDirTopic[]? wanted = partitions is null ? null :
        [
            .. partitions.Distinct().GroupBy(static partition => partition.Topic).Select(static topic => new DescribeLogDirsRequest.DescribableLogDirTopic
            {
                Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)],
            }),
        ];
        return AskEach<int, IReadOnlyList<LogDir>, DescribeLogDirsRequest, DescribeLogDirsResponse>(
            items, ToEachBroker,
            (_, _) => new DescribeLogDirsRequest { Topics = wanted },
            (answer, nodes, _) => items.Take(
                nodes[0], answer.ErrorCode, null, () => [.. answer.Results.OrderBy(static row => row.LogDir, StringComparer.Ordinal).Select(LogDirs.From)]),
            cancellation);
    }

    /// <summary>Moves replicas to other log directories of their brokers (KIP-113). Each broker is asked for its own.</summary>
    /// <param name="directories">For each replica the absolute path of the directory, as <see cref="DescribeLogDirsAsync"/> tells it; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the moves may begin all the same.</param>
    /// <returns>
    /// The outcome for each replica, in the order given: whether the move has begun, not whether it is over, which
    /// <see cref="DescribeLogDirsAsync"/> tells. What the broker says is final. Errors are <see cref="ErrorCode.LogDirNotFound"/> of a path that the
    /// broker does not have, <see cref="ErrorCode.KafkaStorageError"/> of a directory that cannot be used, and
    /// <see cref="ErrorCode.ReplicaNotAvailable"/> where the broker has no such replica yet: it will be created in that directory.
    /// </returns>
    public ValueTask<IReadOnlyList<ItemOutcome<PartitionReplica>>> AlterReplicaLogDirsAsync(
        IReadOnlyDictionary<PartitionReplica, string> directories, CancellationToken cancellation = default)
    {
        var items = Items<PartitionReplica, bool>(directories.Keys, replica => $"{replica} could not be moved to '{directories[replica]}'");
        FailNodesThatAreNone(items, static replica => replica.NodeId);
        return Outcomes(AskEach<PartitionReplica, bool, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(
            items, ToItsBroker,
            (_, open) => new AlterReplicaLogDirsRequest
            {
                Dirs = [.. open.GroupBy(replica => directories[replica]).Select(static dir => new AlterReplicaLogDirsRequest.AlterReplicaLogDir
                {
                    Path = dir.Key,
                    Topics = [.. dir.GroupBy(static replica => replica.Partition.Topic).Select(static topic => new AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic
                    {
                        Name = topic.Key, Partitions = [.. topic.Select(static replica => replica.Partition.Partition)],
                    })],
                })],
            },
            (answer, asked, _) =>
            {
                var node = asked[0].NodeId;
                foreach (var topic in answer.Results)
                {
                    foreach (var row in topic.Partitions)
                        items.TakeLastWord(new PartitionReplica(new TopicPartition(topic.TopicName, row.PartitionIndex), node), row.ErrorCode, null, static () => true);
                }
            },
            cancellation));
    }

    /// <summary>A negative node would be asked of any broker.</summary>
    static void FailNodesThatAreNone<TKey, TValue>(AdminItems<TKey, TValue> items, Func<TKey, int> nodeOf)
        where TKey : notnull => FailMistakes(items, key => nodeOf(key) is < 0 and var node ? $"{node} is no node id, they begin at 0" : null);
}
