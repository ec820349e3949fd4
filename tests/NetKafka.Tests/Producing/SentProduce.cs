using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <summary>A Produce request that a test answers. It counts as written once it was read.</summary>
sealed class SentProduce
{
    readonly SentRequest _request;
    readonly Dictionary<string, Guid> _ids = [];

    public SentProduce(SentRequest request, Func<Guid, string> nameOf)
    {
        _request = request;
        Body = request.Read<ProduceRequest>();
        if (request.Version >= 13)
            _ids = Body.TopicData.ToDictionary(topic => nameOf(topic.TopicId), topic => topic.TopicId);
        Batches =
        [
            .. from topic in Body.TopicData
               let name = request.Version >= 13 ? nameOf(topic.TopicId) : topic.Name
               from partition in topic.PartitionData
               select SentBatch.Read(name, partition.Index, partition.Records!.Value),
        ];
    }

    public ProduceRequest Body { get; }

    public SentBatch[] Batches { get; }

    public SentBatch Only => Assert.Single(Batches);

    public int NodeId => _request.Target.NodeId;

    /// <summary>Answers every batch alike.</summary>
    public void Answer(Instant now, ErrorCode error = ErrorCode.None, long baseOffset = 0, Action<ProduceResponse.PartitionProduceResponse>? more = null) =>
        Answer(now, batch =>
        {
            var row = new ProduceResponse.PartitionProduceResponse
            {
                Index = batch.Partition,
                ErrorCode = error,
                BaseOffset = error == ErrorCode.None ? baseOffset : -1,
            };
            more?.Invoke(row);
            return row;
        });

    public void Answer(Instant now, Func<SentBatch, ProduceResponse.PartitionProduceResponse?> rowOf)
    {
        var response = new ProduceResponse
        {
            Responses =
            [
                .. from batch in Batches
                   group batch by batch.Topic into topic
                   select new ProduceResponse.TopicProduceResponse
                   {
                       Name = _request.Version >= 13 ? "" : topic.Key,
                       TopicId = _ids.GetValueOrDefault(topic.Key),
                       PartitionResponses = [.. topic.Select(rowOf).OfType<ProduceResponse.PartitionProduceResponse>()],
                   },
            ],
        };
        _request.Answer(response, now, NodeId);
    }

    public void Fail(RequestFailureReason reason, Instant now) => _request.Fail(reason, now);

    public void Written(Instant now) => _request.Request.OnWritten(now);
}
