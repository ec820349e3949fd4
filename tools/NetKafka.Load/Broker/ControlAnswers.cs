using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>Everything but Produce and Fetch: one node, which leads every partition and coordinates every group.</summary>
sealed class ControlAnswers(Topics topics, Groups groups, int port)
{
    const int NodeId = 1;

    const string Host = "127.0.0.1";

    static readonly (ApiKey Key, short Lowest, short Highest, short FlexibleFrom)[] Served =
    [
        // Up to the last versions that name topics and do not give their ids.
        (ApiKey.Produce, ProduceAnswers.LowestVersion, ProduceAnswers.HighestVersion, 9),
        (ApiKey.Fetch, FetchAnswers.LowestVersion, FetchAnswers.HighestVersion, 12),
        (ApiKey.Metadata, 0, 9, 9),
        (ApiKey.OffsetCommit, 2, 8, 8),
        (ApiKey.OffsetFetch, 1, 9, 6),
        (ApiKey.ListOffsets, 1, 7, 6),
        (ApiKey.FindCoordinator, 0, 4, 3),
        (ApiKey.JoinGroup, 0, 9, 6),
        (ApiKey.Heartbeat, 0, 4, 4),
        (ApiKey.LeaveGroup, 0, 5, 4),
        (ApiKey.SyncGroup, 0, 5, 4),
        (ApiKey.ApiVersions, 0, 4, 3),
        (ApiKey.InitProducerId, 0, 4, 2),
        (ApiKey.OffsetForLeaderEpoch, 2, 4, 4),
    ];

    long _lastProducerId = 1000;

    public static bool IsServed(ApiKey key, short version) =>
        Served.Any(served => served.Key == key && version >= served.Lowest && version <= served.Highest);

    /// <summary>Whether tags follow the header of a request.</summary>
    public static bool HasHeaderTags(ApiKey key, short version) => Served.Any(served => served.Key == key && version >= served.FlexibleFrom);

    /// <summary>Writes the whole answer to a request whose header was read.</summary>
    public void Answer(ApiKey key, short version, int correlationId, ReadOnlyMemory<byte> body, KafkaWriter output)
    {
        switch (key)
        {
            case ApiKey.ApiVersions:
                WriteVersions(version, correlationId, output);
                break;
            case ApiKey.Metadata:
                Answer<MetadataRequest, MetadataResponse>(body, version, correlationId, output, Metadata);
                break;
            case ApiKey.InitProducerId:
                Answer<InitProducerIdRequest, InitProducerIdResponse>(body, version, correlationId, output,
                    _ => new() { ProducerId = Interlocked.Increment(ref _lastProducerId), ProducerEpoch = 0 });
                break;
            case ApiKey.FindCoordinator:
                Answer<FindCoordinatorRequest, FindCoordinatorResponse>(body, version, correlationId, output, Coordinator);
                break;
            case ApiKey.ListOffsets:
                Answer<ListOffsetsRequest, ListOffsetsResponse>(body, version, correlationId, output, Offsets);
                break;
            case ApiKey.OffsetForLeaderEpoch:
                Answer<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(body, version, correlationId, output, EpochEnds);
                break;
            case ApiKey.JoinGroup:
                Answer<JoinGroupRequest, JoinGroupResponse>(body, version, correlationId, output, groups.Join);
                break;
            case ApiKey.SyncGroup:
                Answer<SyncGroupRequest, SyncGroupResponse>(body, version, correlationId, output, Groups.Sync);
                break;
            case ApiKey.Heartbeat:
                Answer<HeartbeatRequest, HeartbeatResponse>(body, version, correlationId, output, _ => new());
                break;
            case ApiKey.LeaveGroup:
                Answer<LeaveGroupRequest, LeaveGroupResponse>(body, version, correlationId, output, Groups.Leave);
                break;
            case ApiKey.OffsetCommit:
                Answer<OffsetCommitRequest, OffsetCommitResponse>(body, version, correlationId, output, Groups.Commit);
                break;
            case ApiKey.OffsetFetch:
                Answer<OffsetFetchRequest, OffsetFetchResponse>(body, version, correlationId, output, Groups.Committed);
                break;
            default:
                throw new InvalidDataException($"{key} is not served; a client must ask for the versions first.");
        }
    }

    static void Answer<TRequest, TResponse>(
        ReadOnlyMemory<byte> body, short version, int correlationId, KafkaWriter output, Func<TRequest, TResponse> answer)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse> =>
        ResponseFrame.Write(
            output, answer(ResponseFrame.ReadBody<TRequest>(body, version)), version, TRequest.ResponseHeaderVersion(version), correlationId);

    static void WriteVersions(short version, int correlationId, KafkaWriter output)
    {
        // A client that speaks a newer version of the question than we do is answered in the oldest one.
        var isKnown = IsServed(ApiKey.ApiVersions, version);
        var response = new ApiVersionsResponse
        {
            ErrorCode = isKnown ? ErrorCode.None : ErrorCode.UnsupportedVersion,
            ApiKeys = [.. Served.Select(served => new ApiVersionsResponse.ApiVersion
            {
                ApiKey = (short)served.Key,
                MinVersion = served.Lowest,
                MaxVersion = served.Highest,
            })],
        };
        ResponseFrame.Write(output, response, isKnown ? version : (short)0, 0, correlationId);
    }

    MetadataResponse Metadata(MetadataRequest request) => new()
    {
        ControllerId = NodeId,
        ClusterId = "null-broker",
        Brokers = [new() { NodeId = NodeId, Host = Host, Port = port }],
        Topics = [.. (request.Topics is { } named ? named.Select(topic => topics[topic.Name!]) : topics.All).Select(log =>
            new MetadataResponse.MetadataResponseTopic
            {
                Name = log.Name,
                Partitions = [.. Enumerable.Range(0, log.Shape.Partitions).Select(index =>
                    new MetadataResponse.MetadataResponsePartition
                    {
                        PartitionIndex = index,
                        LeaderId = NodeId,
                        LeaderEpoch = 0,
                        ReplicaNodes = [NodeId],
                        IsrNodes = [NodeId],
                    })],
            })],
    };

    FindCoordinatorResponse Coordinator(FindCoordinatorRequest request) => new()
    {
        NodeId = request.CoordinatorKeys.Length == 0 ? NodeId : 0,
        Host = request.CoordinatorKeys.Length == 0 ? Host : "",
        Port = request.CoordinatorKeys.Length == 0 ? port : 0,
        Coordinators = [.. request.CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator
        {
            Key = key,
            NodeId = NodeId,
            Host = Host,
            Port = port,
        })],
    };

    ListOffsetsResponse Offsets(ListOffsetsRequest request) => new()
    {
        Topics = [.. request.Topics.Select(topic => new ListOffsetsResponse.ListOffsetsTopicResponse
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition => new ListOffsetsResponse.ListOffsetsPartitionResponse
            {
                PartitionIndex = partition.PartitionIndex,
                Offset = partition.Timestamp == -1 ? topics[topic.Name].NextOffset(partition.PartitionIndex) : 0,
                LeaderEpoch = 0,
            })],
        })],
    };

    OffsetForLeaderEpochResponse EpochEnds(OffsetForLeaderEpochRequest request) => new()
    {
        Topics = [.. request.Topics.Select(topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
        {
            Topic = topic.Topic,
            Partitions = [.. topic.Partitions.Select(partition => new OffsetForLeaderEpochResponse.EpochEndOffset
            {
                Partition = partition.Partition,
                LeaderEpoch = 0,
                EndOffset = long.MaxValue,
            })],
        })],
    };
}
