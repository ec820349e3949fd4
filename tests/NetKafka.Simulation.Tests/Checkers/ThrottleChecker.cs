using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>
/// P20, KIP-219: a client that has an answer with a throttle time sends nothing on that connection until it is over. Of an API
/// it applies from the version on in which brokers leave the waiting to the client.
/// </summary>
sealed class ThrottleChecker(ClusterState cluster, Violations violations)
{
    // In front of the correlation id stands the size.
    const int CorrelationAt = sizeof(int);
    const int HeaderEnd = CorrelationAt + sizeof(int);

    readonly Dictionary<(int Connection, int CorrelationId), (ApiKey Api, short Version, int NodeId)> _asked = [];

    /// <summary>How many answers asked for it.</summary>
    public int Throttles { get; private set; }

    /// <summary>A broker has read a request, which it will answer truthfully.</summary>
    public void Expect(in RequestInfo request) =>
        _asked[(request.Connection, request.CorrelationId)] = (request.ApiKey, request.Version, request.NodeId);

    /// <summary>For how long an answer asks its client to be left alone on this connection, in ms; 0 where it does not.</summary>
    public int ThrottleOf(int brokerSide, ReadOnlySpan<byte> frame)
    {
        if (frame.Length < HeaderEnd || !_asked.Remove((brokerSide, BinaryPrimitives.ReadInt32BigEndian(frame[CorrelationAt..])), out var request)
            || cluster.FindBroker(request.NodeId)!.ThrottleMs == 0 || Read(request.Api, request.Version, frame) is not { ThrottleTimeMs: > 0 and var ms })
            return 0;
        Throttles++;
        return ms;
    }

    /// <summary>A client has such an answer, and sends before that time is over.</summary>
    public void OnImpatience(string who) => violations.Add("P20 throttling", $"{who} sends although it was asked to wait");

    static IThrottledResponse? Read(ApiKey api, short version, ReadOnlySpan<byte> frame) => api switch
    {
        ApiKey.Produce when version >= 6 => Read<ProduceRequest, ProduceResponse>(version, frame),
        ApiKey.Fetch when version >= 8 => Read<FetchRequest, FetchResponse>(version, frame),
        ApiKey.ListOffsets when version >= 3 => Read<ListOffsetsRequest, ListOffsetsResponse>(version, frame),
        ApiKey.Metadata when version >= 6 => Read<MetadataRequest, MetadataResponse>(version, frame),
        ApiKey.OffsetCommit when version >= 4 => Read<OffsetCommitRequest, OffsetCommitResponse>(version, frame),
        ApiKey.OffsetFetch when version >= 4 => Read<OffsetFetchRequest, OffsetFetchResponse>(version, frame),
        ApiKey.FindCoordinator when version >= 2 => Read<FindCoordinatorRequest, FindCoordinatorResponse>(version, frame),
        ApiKey.JoinGroup when version >= 3 => Read<JoinGroupRequest, JoinGroupResponse>(version, frame),
        ApiKey.SyncGroup when version >= 2 => Read<SyncGroupRequest, SyncGroupResponse>(version, frame),
        ApiKey.Heartbeat when version >= 2 => Read<HeartbeatRequest, HeartbeatResponse>(version, frame),
        ApiKey.AddPartitionsToTxn when version >= 1 => Read<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(version, frame),
        ApiKey.AddOffsetsToTxn when version >= 1 => Read<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(version, frame),
        ApiKey.EndTxn when version >= 1 => Read<EndTxnRequest, EndTxnResponse>(version, frame),
        ApiKey.TxnOffsetCommit when version >= 1 => Read<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(version, frame),
        ApiKey.InitProducerId when version >= 1 => Read<InitProducerIdRequest, InitProducerIdResponse>(version, frame),
        _ => null,
    };

    static TResponse Read<TRequest, TResponse>(short version, ReadOnlySpan<byte> frame)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>, IThrottledResponse
    {
        var reader = new KafkaReader(frame[HeaderEnd..].ToArray(), TRequest.Name, version);
        if (TRequest.ResponseHeaderVersion(version) >= 1)
            reader.SkipTags();
        return TResponse.Read(ref reader, version);
    }
}
