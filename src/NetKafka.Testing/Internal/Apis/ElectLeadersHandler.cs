using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ElectLeaders, every version, asked of any broker (a broker forwards it to the controller). Left out: the timeout.</summary>
sealed class ElectLeadersHandler : ApiHandler<ElectLeadersRequest, ElectLeadersResponse>
{
    const sbyte Unclean = 1;

    internal override ElectLeadersResponse Fail(Call<ElectLeadersRequest, ElectLeadersResponse> call, ErrorCode error) =>
        // Version 0 has no error of the whole.
        call.Version >= 1
            ? new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error }
            : Respond(call, Asked(call), (_, _) => (error, null));

    protected override void Handle(Call<ElectLeadersRequest, ElectLeadersResponse> call, long nowMs)
    {
        if (call.Request.ElectionType is not (0 or Unclean))
        {
            call.Answer(Fail(call, ErrorCode.InvalidRequest));
            return;
        }

        var answer = Respond(
            call, Asked(call), (topic, partition) => call.Cluster.Elect(topic, partition, call.Version >= 1 && call.Request.ElectionType == Unclean, nowMs));
        // Of all partitions those are told of alone that needed an election.
        if (call.Request.TopicPartitions is null)
        {
            foreach (var topic in answer.ReplicaElectionResults)
                topic.PartitionResult = [.. topic.PartitionResult.Where(static row => row.ErrorCode != ErrorCode.ElectionNotNeeded)];
        }

        call.Answer(answer);
    }

    static IEnumerable<(string Topic, int[] Partitions)> Asked(Call<ElectLeadersRequest, ElectLeadersResponse> call) =>
        call.Request.TopicPartitions is { } topics
            ? topics.Select(static topic => (topic.Topic, topic.Partitions))
            : call.Cluster.Topics.Select(static topic => (topic.Name, topic.Partitions.Select(static partition => partition.Index).ToArray()));

    static ElectLeadersResponse Respond(
        Call<ElectLeadersRequest, ElectLeadersResponse> call,
        IEnumerable<(string Topic, int[] Partitions)> asked,
        Func<string, int, (ErrorCode Error, string? Message)> elect) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        ReplicaElectionResults = [.. asked.Select(topic => new ElectLeadersResponse.ReplicaElectionResult
        {
            Topic = topic.Topic,
            PartitionResult = [.. topic.Partitions.Select(partition =>
            {
                var (error, message) = elect(topic.Topic, partition);
                return new ElectLeadersResponse.PartitionResult { PartitionId = partition, ErrorCode = error, ErrorMessage = message };
            })],
        })],
    };
}
