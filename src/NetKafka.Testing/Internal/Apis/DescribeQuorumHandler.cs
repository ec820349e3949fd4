using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.DescribeQuorumRequest;
using Response = NetKafka.Protocol.Messages.DescribeQuorumResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeQuorum, every version, asked of any broker. All brokers are controllers, and their listeners are told as the controllers'.</summary>
sealed class DescribeQuorumHandler : ApiHandler<Request, Response>
{
    const string MetadataTopic = "__cluster_metadata";
    const short FirstVersionWithNodes = 2;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ErrorCode = error, ErrorMessage = null };

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(new Response
    {
        ErrorMessage = null,
        Topics = [.. call.Request.Topics.Select(topic => new Response.TopicData
        {
            TopicName = topic.TopicName,
            Partitions = [.. topic.Partitions.Select(partition => topic.TopicName == MetadataTopic && partition.PartitionIndex == 0
                ? Describe(call.Cluster, nowMs)
                : new Response.PartitionData { PartitionIndex = partition.PartitionIndex, ErrorCode = ErrorCode.UnknownTopicOrPartition })],
        })],
        Nodes = call.Version < FirstVersionWithNodes ? [] : [.. call.Cluster.Quorum.Voters.Select(static broker => new Response.Node
        {
            NodeId = broker.NodeId,
            Listeners = [new() { Name = ControllerQuorum.Listener, Host = broker.Host, Port = (ushort)broker.Port }],
        })],
    });

    static Response.PartitionData Describe(ClusterState cluster, long nowMs) => new()
    {
        ErrorMessage = null,
        LeaderId = cluster.ControllerId,
        LeaderEpoch = 1,
        HighWatermark = cluster.Quorum.HighWatermark,
        CurrentVoters = [.. cluster.Quorum.Voters.Select(broker => State(cluster, broker, nowMs))],
        Observers = [.. cluster.Quorum.Observers.Select(broker => State(cluster, broker, nowMs))],
    };

    static Response.ReplicaState State(ClusterState cluster, Broker broker, long nowMs) => new()
    {
        ReplicaId = broker.NodeId,
        ReplicaDirectoryId = cluster.Quorum.DirectoryIdOf(broker),
        LogEndOffset = broker.IsUp ? cluster.Quorum.HighWatermark : -1,
        LastFetchTimestamp = broker.IsUp ? cluster.WallClock(nowMs) : -1,
        LastCaughtUpTimestamp = broker.IsUp ? cluster.WallClock(nowMs) : -1,
    };
}
