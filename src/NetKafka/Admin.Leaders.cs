using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Elections of leaders.</content>
public sealed partial class Admin
{
    // Before it elections are of preferred leaders alone.
    const short FirstElectionWithType = 1;
    const string LeadersNotElected = "The leaders of all partitions could not be elected";

    /// <summary>Elects leaders of partitions (KIP-460).</summary>
    /// <param name="type">Which replica is to lead. <see cref="ElectionType.Unclean"/> loses records; it needs Kafka 2.4 or later.</param>
    /// <param name="partitions">The partitions; null for all of the cluster. None succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the leaders may be elected all the same.</param>
    /// <returns>
    /// The outcome for each partition, in the order given; where all were meant, by partition and only of those that needed an election. Errors are
    /// <see cref="ErrorCode.ElectionNotNeeded"/> where the right one leads already, <see cref="ErrorCode.PreferredLeaderNotAvailable"/> where the first
    /// replica is away or not in sync, <see cref="ErrorCode.EligibleLeadersNotAvailable"/> where no replica is up, and
    /// <see cref="ErrorCode.UnknownTopicOrPartition"/>.
    /// </returns>
    /// <exception cref="KafkaException">All were meant, and nobody could be asked.</exception>
    public ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> ElectLeadersAsync(
        ElectionType type, IEnumerable<TopicPartition>? partitions, CancellationToken cancellation = default)
    {
        var minVersion = type == ElectionType.Preferred ? ElectLeadersRequest.LowestVersion : FirstElectionWithType;
        if (partitions is null)
            return ElectAllLeadersAsync(type, minVersion, cancellation);
        var items = Items<TopicPartition, bool>(partitions, WhatOfElection);
        return Outcomes(AskEach<TopicPartition, bool, ElectLeadersRequest, ElectLeadersResponse>(
            items, ToController<TopicPartition>(),
            (_, open) => new ElectLeadersRequest
            {
                ElectionType = (sbyte)type,
                TopicPartitions = [.. open.GroupBy(static partition => partition.Topic).Select(static topic => new ElectLeadersRequest.TopicPartitionsData
                {
                    Topic = topic.Key, Partitions = [.. topic.Select(static partition => partition.Partition)],
                })],
                TimeoutMs = TimeoutMs,
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, null);
                foreach (var (partition, row) in Elections(answer))
                    items.Take(partition, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation, minVersion));
    }

    ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> ElectAllLeadersAsync(ElectionType type, short minVersion, CancellationToken cancellation) =>
        Start<ElectLeadersRequest, ElectLeadersResponse, IReadOnlyList<ItemOutcome<TopicPartition>>>(cancellation, call => new(call, _machine, _settings)
        {
            What = LeadersNotElected,
            Target = RequestTarget.Controller,
            MinVersion = minVersion,
            Request = _ => new ElectLeadersRequest { ElectionType = (sbyte)type, TopicPartitions = null, TimeoutMs = TimeoutMs },
            Take = answer => Step<IReadOnlyList<ItemOutcome<TopicPartition>>>.From(answer.ErrorCode, null, LeadersNotElected, () =>
            [
                .. Elections(answer).OrderBy(static election => election.Partition).Select(static election => new ItemOutcome<TopicPartition>(
                    election.Partition,
                    election.Row.ErrorCode == ErrorCode.None ? null : KafkaErrors.From(election.Row.ErrorCode, election.Row.ErrorMessage, WhatOfElection(election.Partition)))),
            ]),
        });

    static string WhatOfElection(TopicPartition partition) => $"A leader of {partition} could not be elected";

    static IEnumerable<(TopicPartition Partition, ElectLeadersResponse.PartitionResult Row)> Elections(ElectLeadersResponse answer) =>
        answer.ReplicaElectionResults.SelectMany(
            static topic => topic.PartitionResult, static (topic, row) => (new TopicPartition(topic.Topic, row.PartitionId), row));
}
