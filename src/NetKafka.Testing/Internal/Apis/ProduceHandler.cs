using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Internal.Transactions;
using Request = NetKafka.Protocol.Messages.ProduceRequest;
using Response = NetKafka.Protocol.Messages.ProduceResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// Produce, every version: acks 0, 1 and all, batch checks, idempotence with five remembered batches, leader hints from
/// version 10 on, topic ids from 13. What is written into a transaction must be in it, or is added from version 12 on (KIP-890). Left
/// out: record formats before 2, quotas.
/// </summary>
sealed class ProduceHandler : ApiHandler<Request, Response>
{
    const short KnowsAbortableSince = 11;
    const short AddsToTransactionSince = 12;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => Respond(
        call,
        [.. call.Request.TopicData.SelectMany(topic => topic.PartitionData.Select(partition => new PartitionAppend(
            topic.Name, topic.TopicId, new() { Index = partition.Index, ErrorCode = error, BaseOffset = -1 })))]);

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var request = call.Request;
        if (request.Acks is not (0 or 1 or -1))
        {
            Finish(call, Fail(call, ErrorCode.InvalidRequiredAcks));
            return;
        }

        var appends = new List<PartitionAppend>();
        foreach (var topic in request.TopicData)
        {
            foreach (var partition in topic.PartitionData)
                appends.Add(Append(call, topic, partition, nowMs));
        }

        foreach (var append in appends)
        {
            if (append.IsNew)
                call.Cluster.Replicate(append.Partition!, nowMs);
        }

        var response = Respond(call, appends);
        if (request.Acks != -1 || appends.All(append => append.IsReplicated))
            Finish(call, response);
        else
            new ParkedProduce(call, response, appends).Park(nowMs + request.TimeoutMs);
    }

    /// <summary>With acks 0 nobody hears of an error; the closed connection says it.</summary>
    internal static void Finish(Call<Request, Response> call, Response response)
    {
        if (call.Request.Acks != 0)
            call.Answer(response);
        else if (response.Responses.Any(topic => topic.PartitionResponses.Any(p => p.ErrorCode != ErrorCode.None)))
            call.Close();
        else
            call.EndWithoutAnswer();
    }

    static PartitionAppend Append(
        Call<Request, Response> call, Request.TopicProduceData topic, Request.PartitionProduceData data, long nowMs)
    {
        var byId = call.Version >= 13;
        var found = byId ? call.Cluster.FindTopic(topic.TopicId) : call.Cluster.FindTopic(topic.Name);
        var answer = new Response.PartitionProduceResponse { Index = data.Index, BaseOffset = -1 };
        if (found is null)
        {
            answer.ErrorCode = byId ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
            return new PartitionAppend(topic.Name, topic.TopicId, answer);
        }

        var partition = found.Find(data.Index);
        var append = new PartitionAppend(topic.Name, topic.TopicId, answer) { Partition = partition };
        if (partition is null)
            answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
        else if (Leadership.Check(partition, call.Broker, -1) is var refused and not ErrorCode.None)
            Refuse(call, partition, answer, refused);
        else
            AppendToLeader(call, append, data.Records ?? default, nowMs);
        return append;
    }

    static void Refuse(Call<Request, Response> call, Partition partition, Response.PartitionProduceResponse answer, ErrorCode error)
    {
        answer.ErrorCode = error;
        if (call.Version >= 10 && error == ErrorCode.NotLeaderOrFollower)
            answer.CurrentLeader = new() { LeaderId = partition.Leader, LeaderEpoch = partition.LeaderEpoch };
    }

    static void AppendToLeader(Call<Request, Response> call, PartitionAppend append, ReadOnlyMemory<byte> records, long nowMs)
    {
        var partition = append.Partition!;
        var settings = call.Cluster.Settings;
        var topic = partition.Topic.Settings;
        if (call.Request.Acks == -1 && !partition.HasEnoughReplicas(settings))
        {
            append.Answer.ErrorCode = ErrorCode.NotEnoughReplicas;
            return;
        }

        var wallClock = call.Cluster.WallClock(nowMs);
        var rules = new BatchRules(
            topic.MaxMessageBytes ?? settings.MaxMessageBytes,
            topic.Compacted,
            call.Version >= 7,
            topic.LogAppendTime,
            wallClock,
            topic.TimestampBeforeMaxMs,
            topic.TimestampAfterMaxMs,
            call.Request.TransactionalId is not null);
        var check = new BatchCheck(records, rules, call.Cluster.Records);
        var problem = check.Run();
        if (problem.Error != ErrorCode.None)
            Refuse(append.Answer, problem, partition.Log);
        else
            AppendInOrder(call, append, check, wallClock);
    }

    static void AppendInOrder(Call<Request, Response> call, PartitionAppend append, in BatchCheck check, long wallClock)
    {
        var log = append.Partition!.Log;
        var answer = append.Answer;
        var header = new BatchHeader(check.Batch.Span);
        if (header.IsTransactional && call.Cluster.Settings.VerifiesTransactions
            && JoinTransaction(call, append.Partition, header, wallClock) is var refused and not ErrorCode.None)
        {
            answer.ErrorCode = refused;
            return;
        }

        if (header.HasProducerId)
        {
            var verdict = log.Producers.Judge(header, call.Cluster.Settings.RejectUnknownProducers, out var duplicate);
            if (verdict == SequenceVerdict.Duplicate)
            {
                append.LastOffset = duplicate.LastOffset;
                if (call.Cluster.Settings.NamesDuplicates)
                {
                    answer.ErrorCode = ErrorCode.DuplicateSequenceNumber;
                    return;
                }

                answer.BaseOffset = duplicate.FirstOffset;
                answer.LogAppendTimeMs = duplicate.MaxTimestampMs;
                answer.LogStartOffset = log.StartOffset;
                return;
            }

            if (verdict != SequenceVerdict.Append)
            {
                Refuse(answer, new BatchProblem(ErrorOf(verdict), ProblemStage.Append), log);
                return;
            }
        }

        var bytes = check.Batch.ToArray();
        if (append.Partition.Topic.Settings.LogAppendTime)
        {
            BatchHeader.SetLogAppendTime(bytes, wallClock);
            answer.LogAppendTimeMs = wallClock;
        }
        else if (header.MaxTimestamp != check.MaxTimestamp)
        {
            BatchHeader.SetMaxTimestamp(bytes, check.MaxTimestamp);
        }

        var batch = log.Append(bytes, append.Partition.LeaderEpoch);
        answer.BaseOffset = batch.BaseOffset;
        answer.LogStartOffset = log.StartOffset;
        append.LastOffset = batch.LastOffset;
        append.IsNew = true;
    }

    /// <summary>Adds the partition to the transaction, or before version 12 sees that it was added.</summary>
    static ErrorCode JoinTransaction(Call<Request, Response> call, Partition partition, in BatchHeader header, long wallClock)
    {
        // What is in the log's open transaction goes on being in it, until its marker comes.
        if (partition.Log.Producers.Find(header.ProducerId) is { TransactionFirstOffset: >= 0 } open && open.Epoch == header.ProducerEpoch)
            return ErrorCode.None;
        var transactions = call.Cluster.Transactions;
        var producer = new ProducerIdentity(header.ProducerId, header.ProducerEpoch);
        var transactionalId = call.Request.TransactionalId!;
        var topic = partition.Topic.Name;
        var error = call.Version >= AddsToTransactionSince
            ? transactions.AddPartitions(transactionalId, producer, [(topic, partition.Index)], wallClock - call.Cluster.Settings.WallClockOffsetMs)
            : transactions.Check(transactionalId, producer);
        if (error == ErrorCode.None)
        {
            return transactions.Find(transactionalId)!.Has(topic, partition.Index) ? ErrorCode.None
                : call.Version >= KnowsAbortableSince ? ErrorCode.TransactionAbortable : ErrorCode.InvalidTxnState;
        }

        return error switch
        {
            ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
            // Older producers know it from AddPartitionsToTxn alone.
            ErrorCode.ConcurrentTransactions when call.Version < AddsToTransactionSince => ErrorCode.NotEnoughReplicas,
            _ => error,
        };
    }

    static ErrorCode ErrorOf(SequenceVerdict verdict) => verdict switch
    {
        SequenceVerdict.StaleEpoch => ErrorCode.InvalidProducerEpoch,
        SequenceVerdict.UnknownProducer => ErrorCode.UnknownProducerId,
        _ => ErrorCode.OutOfOrderSequenceNumber,
    };

    /// <summary>As a broker: only what is wrong with single records comes with words.</summary>
    static void Refuse(Response.PartitionProduceResponse answer, in BatchProblem problem, PartitionLog log)
    {
        answer.ErrorCode = problem.Error;
        answer.ErrorMessage = problem.Message;
        if (problem.Stage == ProblemStage.Append)
            answer.LogStartOffset = log.StartOffset;
        if (problem.RecordIndex >= 0)
            answer.RecordErrors = [new() { BatchIndex = problem.RecordIndex, BatchIndexErrorMessage = problem.Message }];
    }

    static Response Respond(Call<Request, Response> call, IReadOnlyList<PartitionAppend> appends)
    {
        var response = new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            Responses = [.. appends
                .GroupBy(append => (append.TopicName, append.TopicId))
                .Select(topic => new Response.TopicProduceResponse
                {
                    Name = topic.Key.TopicName,
                    TopicId = topic.Key.TopicId,
                    PartitionResponses = [.. topic.Select(append => append.Answer)],
                })],
        };
        if (call.Version >= 10)
            AddLeaders(call, response, appends);
        return response;
    }

    /// <summary>Where the leaders named in hints are reached (KIP-951).</summary>
    internal static void AddLeaders(Call<Request, Response> call, Response response, IReadOnlyList<PartitionAppend> appends)
    {
        response.NodeEndpoints = [.. appends
            .Where(append => append.Answer.ErrorCode == ErrorCode.NotLeaderOrFollower && append.Partition is { Leader: >= 0 })
            .Select(append => append.Partition!.Leader).Distinct().Order()
            .Select(node => call.Cluster.FindBroker(node)!)
            .Select(node => new Response.NodeEndpoint
            {
                NodeId = node.NodeId, Host = node.Host, Port = node.Port, Rack = node.Rack,
            })];
    }
}

/// <summary>One partition of a Produce request, and what became of it.</summary>
sealed class PartitionAppend(string topicName, Guid topicId, Response.PartitionProduceResponse answer)
{
    internal string TopicName { get; } = topicName;

    internal Guid TopicId { get; } = topicId;

    internal Response.PartitionProduceResponse Answer { get; } = answer;

    /// <summary>Null where the topic or partition is unknown.</summary>
    internal Partition? Partition { get; init; }

    /// <summary>The last offset that the acknowledgement speaks for, also of a repeated batch; -1 after an error.</summary>
    internal long LastOffset { get; set; } = -1;

    /// <summary>Something was written.</summary>
    internal bool IsNew { get; set; }

    /// <summary>Refused, or on all replicas in sync.</summary>
    internal bool IsReplicated => LastOffset < 0 || Partition!.HighWatermark > LastOffset;
}
