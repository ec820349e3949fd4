using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Which brokers have the replicas of partitions.</content>
public sealed partial class Admin
{
    // Before it a replication factor may always change.
    const short FirstReassignmentThatKeepsFactors = 1;
    const string ReassignmentsNotListed = "The reassignments of partitions could not be listed";

    /// <summary>Moves replicas of partitions to other brokers, or ends such a move (KIP-455; Kafka 2.4 and later).</summary>
    /// <param name="targets">
    /// For each partition the node ids of the replicas that it is to have, the preferred leader first; null takes back a move under way. None succeeds
    /// without a request.
    /// </param>
    /// <param name="allowReplicationFactorChange">
    /// Whether a partition may have more or fewer replicas than before (KIP-860). Default: true; false needs AlterPartitionReassignments 1.
    /// </param>
    /// <param name="cancellation">Ends the wait; the moves may begin all the same.</param>
    /// <returns>
    /// The outcome for each partition, in the order given: whether the move has begun, not whether it is over, which
    /// <see cref="ListPartitionReassignmentsAsync"/> tells. Errors are <see cref="ErrorCode.NoReassignmentInProgress"/> where there is nothing to take
    /// back, <see cref="ErrorCode.InvalidReplicaAssignment"/> for brokers that do not exist or stand there twice,
    /// <see cref="ErrorCode.InvalidReplicationFactor"/> where it must not change, and <see cref="ErrorCode.UnknownTopicOrPartition"/>.
    /// </returns>
    public ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> AlterPartitionReassignmentsAsync(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<int>?> targets, bool allowReplicationFactorChange = true, CancellationToken cancellation = default)
    {
        var items = Items<TopicPartition, bool>(targets.Keys, partition =>
            targets[partition] is null ? $"The reassignment of {partition} could not be taken back" : $"The replicas of {partition} could not be reassigned");
        return Outcomes(AskEach<TopicPartition, bool, AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(
            items, ToController<TopicPartition>(),
            (_, open) => new AlterPartitionReassignmentsRequest
            {
                TimeoutMs = TimeoutMs,
                AllowReplicationFactorChange = allowReplicationFactorChange,
                Topics = [.. open.GroupBy(static partition => partition.Topic).Select(topic => new AlterPartitionReassignmentsRequest.ReassignableTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => new AlterPartitionReassignmentsRequest.ReassignablePartition
                    {
                        PartitionIndex = partition.Partition, Replicas = targets[partition] is { } replicas ? [.. replicas] : null,
                    })],
                })],
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, answer.ErrorMessage);
                foreach (var topic in answer.Responses)
                {
                    foreach (var row in topic.Partitions)
                        items.Take(new TopicPartition(topic.Name, row.PartitionIndex), row.ErrorCode, row.ErrorMessage, static () => true);
                }
            },
            cancellation, allowReplicationFactorChange ? AlterPartitionReassignmentsRequest.LowestVersion : FirstReassignmentThatKeepsFactors));
    }

    /// <summary>Lists partitions whose replicas are on their way to other brokers (KIP-455; Kafka 2.4 and later).</summary>
    /// <param name="partitions">The partitions that are asked for; null for all of the cluster. None succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The moves under way, by partition. A partition that does not move, or does not exist, is not among them.</returns>
    /// <exception cref="KafkaException">Nobody could be asked.</exception>
    public ValueTask<IReadOnlyList<PartitionReassignment>> ListPartitionReassignmentsAsync(
        IEnumerable<TopicPartition>? partitions, CancellationToken cancellation = default)
    {
        var wanted = partitions?.Distinct().ToArray();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (wanted is { Length: 0 })
            return ValueTask.FromResult<IReadOnlyList<PartitionReassignment>>([]);
        return Start<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, IReadOnlyList<PartitionReassignment>>(
            cancellation, call => new(call, _machine, _settings)
            {
                What = ReassignmentsNotListed,
                Target = RequestTarget.Controller,
                Request = _ => new ListPartitionReassignmentsRequest
                {
                    TimeoutMs = TimeoutMs,
                    Topics = wanted is null ? null : [.. wanted.GroupBy(static partition => partition.Topic).Select(static topic =>
                        new ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics
                        {
                            Name = topic.Key, PartitionIndexes = [.. topic.Select(static partition => partition.Partition)],
                        })],
                },
                Take = answer => Step<IReadOnlyList<PartitionReassignment>>.From(answer.ErrorCode, answer.ErrorMessage, ReassignmentsNotListed, () =>
                [
                    .. answer.Topics.SelectMany(static topic => topic.Partitions, static (topic, row) => new PartitionReassignment(
                        new TopicPartition(topic.Name, row.PartitionIndex), row.Replicas, row.AddingReplicas, row.RemovingReplicas))
                        .OrderBy(static reassignment => reassignment.Partition),
                ]),
            });
    }
}
