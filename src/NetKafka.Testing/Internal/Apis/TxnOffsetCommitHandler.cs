using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// TxnOffsetCommit, every version. The offsets count once the transaction is committed. Before version 5 the group must have been
/// added to the transaction; from then on this adds it (KIP-890).
/// </summary>
sealed class TxnOffsetCommitHandler : ApiHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    const short AddsSince = 5;
    const short ByIdSince = 6;

    internal override TxnOffsetCommitResponse Fail(Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, ErrorCode error) =>
        Respond(call, (_, _) => error);

    protected override void Handle(Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, long nowMs)
    {
        var error = Authorize(call, nowMs, out var group);
        if (error != ErrorCode.None)
            call.Answer(Fail(call, error));
        else
            call.Answer(Respond(call, (topic, partition) => Stage(call, group!, topic, partition, nowMs)));
    }

    static ErrorCode Authorize(Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, long nowMs, out Group? group)
    {
        var request = call.Request;
        group = null;
        var error = call.Cluster.Groups.Check(request.GroupId, call.Broker);
        if (error != ErrorCode.None)
            return error;
        if (call.Cluster.Groups.Find(request.GroupId) is null && request.GenerationIdOrMemberEpoch >= 0)
            return ErrorCode.IllegalGeneration;
        group = call.Cluster.Groups.GetOrAdd(request.GroupId);
        var claim = new CommitClaim(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, call.Version);
        error = group.CheckTransaction(claim);
        if (error == ErrorCode.None)
            error = CheckPartitions(call, group, claim);
        return error != ErrorCode.None ? error : JoinTransaction(call, nowMs);
    }

    static ErrorCode JoinTransaction(Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, long nowMs)
    {
        var request = call.Request;
        var transactions = call.Cluster.Transactions;
        var producer = new ProducerIdentity(request.ProducerId, request.ProducerEpoch);
        var error = call.Version >= AddsSince
            ? transactions.AddGroup(request.TransactionalId, producer, request.GroupId, nowMs)
            : transactions.Check(request.TransactionalId, producer);
        // As where it is written: the one error that a log has for epochs that are not the newest.
        if (error != ErrorCode.None)
            return error == ErrorCode.ProducerFenced ? ErrorCode.InvalidProducerEpoch : error;
        return transactions.Find(request.TransactionalId)!.Groups.Contains(request.GroupId) ? ErrorCode.None : ErrorCode.InvalidTxnState;
    }

    static ErrorCode Stage(
        Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, Group group, Topic? topic,
        TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition partition, long nowMs)
    {
        if (topic is null)
            return call.Version >= ByIdSince ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
        if (topic.Find(partition.PartitionIndex) is null)
            return ErrorCode.UnknownTopicOrPartition;
        var metadata = partition.CommittedMetadata ?? "";
        if (metadata.Length > call.Cluster.Settings.MaxOffsetMetadataBytes)
            return ErrorCode.OffsetMetadataTooLarge;
        group.Offsets.Stage(call.Request.ProducerId, topic.Name, partition.PartitionIndex, new CommittedOffset(
            partition.CommittedOffset, partition.CommittedLeaderEpoch, metadata, call.Cluster.WallClock(nowMs)));
        return ErrorCode.None;
    }

    /// <summary>Whatever epoch is too old for a partition, in a transaction it is called a generation.</summary>
    static ErrorCode CheckPartitions(Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, Group group, CommitClaim claim) =>
        call.Request.Topics.Any(asked => Find(call, asked) is { } topic && asked.Partitions.Any(partition =>
            group.CheckPartition(claim, new TopicIdPartition(topic.Id, partition.PartitionIndex)) != ErrorCode.None))
            ? ErrorCode.IllegalGeneration
            : ErrorCode.None;

    static Topic? Find(Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call, TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic) =>
        call.Version >= ByIdSince ? call.Cluster.FindTopic(topic.TopicId) : call.Cluster.FindTopic(topic.Name);

    static TxnOffsetCommitResponse Respond(
        Call<TxnOffsetCommitRequest, TxnOffsetCommitResponse> call,
        Func<Topic?, TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition, ErrorCode> commit) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic =>
        {
            var found = Find(call, topic);
            return new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex, ErrorCode = commit(found, partition),
                })],
            };
        })],
    };
}
