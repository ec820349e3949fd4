using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>The controllers, and nodes that are gone for good.</content>
public sealed partial class Admin
{
    const string MetadataTopic = "__cluster_metadata";
    const string QuorumNotDescribed = "The metadata quorum could not be described";

    /// <summary>Describes the controllers that keep the cluster's metadata, and who follows them (KIP-595, KIP-836; Kafka 3.3 and later, with KRaft).</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The quorum as its leader sees it.</returns>
    /// <exception cref="KafkaException">Nobody could be asked, or the cluster has no such quorum.</exception>
    public ValueTask<MetadataQuorum> DescribeMetadataQuorumAsync(CancellationToken cancellation = default) =>
        Start<DescribeQuorumRequest, DescribeQuorumResponse, MetadataQuorum>(cancellation, call => new(call, _machine, _settings)
        {
            What = QuorumNotDescribed,
            Target = RequestTarget.Controller,
            Request = static _ => new DescribeQuorumRequest { Topics = [new() { TopicName = MetadataTopic, Partitions = [new()] }] },
            Take = answer =>
            {
                var row = answer.Topics.FirstOrDefault(static topic => topic.TopicName == MetadataTopic)?
                    .Partitions.FirstOrDefault(static partition => partition.PartitionIndex == 0);
                if (answer.ErrorCode == ErrorCode.None && row is null)
                    return Step<MetadataQuorum>.Fail(new KafkaProtocolException($"{QuorumNotDescribed}: the answer says nothing of {MetadataTopic}."));
                var isWhole = answer.ErrorCode != ErrorCode.None;
                return Step<MetadataQuorum>.From(
                    isWhole ? answer.ErrorCode : row!.ErrorCode, isWhole ? answer.ErrorMessage : row!.ErrorMessage, QuorumNotDescribed,
                    () => QuorumDescriptions.From(answer, row!));
            },
        });

    /// <summary>Gives a controller that follows the metadata log a vote (KIP-853; Kafka 3.9 and later).</summary>
    /// <param name="voterId">Its node id.</param>
    /// <param name="directoryId">The id of its metadata log directory, as <see cref="DescribeMetadataQuorumAsync"/> tells of the observer.</param>
    /// <param name="endpoints">Where it listens for the other controllers.</param>
    /// <param name="clusterId">The id that the cluster must have; null for whatever it has.</param>
    /// <param name="cancellation">Ends the wait; it may be done all the same.</param>
    /// <returns>Completes when it has a vote.</returns>
    /// <exception cref="KafkaException">
    /// It has none. Codes are <see cref="ErrorCode.DuplicateVoter"/> where it has one already, <see cref="ErrorCode.InconsistentClusterId"/>, and
    /// <see cref="ErrorCode.UnsupportedVersion"/> where the feature kraft.version is 0, so that the voters are those of the configuration files.
    /// </exception>
    public async ValueTask AddRaftVoterAsync(
        int voterId, Guid directoryId, IEnumerable<RaftEndpoint> endpoints, string? clusterId = null, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        var what = $"Controller {voterId} could not be given a vote";
        AddRaftVoterRequest.Listener[] listeners =
        [
            .. endpoints.Select(static endpoint => new AddRaftVoterRequest.Listener { Name = endpoint.Listener, Host = endpoint.Host, Port = (ushort)endpoint.Port }),
        ];
        await Start<AddRaftVoterRequest, AddRaftVoterResponse, bool>(cancellation, call => new(call, _machine, _settings)
        {
            What = what,
            Target = RequestTarget.Controller,
            Request = _ => new AddRaftVoterRequest
            {
                ClusterId = clusterId, TimeoutMs = TimeoutMs, VoterId = voterId, VoterDirectoryId = directoryId, Listeners = listeners,
            },
            Take = answer => Step<bool>.From(answer.ErrorCode, answer.ErrorMessage, what, static () => true),
        });
    }

    /// <summary>Takes a controller's vote from it (KIP-853; Kafka 3.9 and later). It goes on following the metadata log.</summary>
    /// <param name="voterId">Its node id.</param>
    /// <param name="directoryId">The id of its metadata log directory, as <see cref="DescribeMetadataQuorumAsync"/> tells of the voter.</param>
    /// <param name="clusterId">The id that the cluster must have; null for whatever it has.</param>
    /// <param name="cancellation">Ends the wait; it may be done all the same.</param>
    /// <returns>Completes when it has no vote.</returns>
    /// <exception cref="KafkaException">
    /// It still has one. Codes are <see cref="ErrorCode.VoterNotFound"/> where it had none, <see cref="ErrorCode.InconsistentClusterId"/>, and
    /// <see cref="ErrorCode.UnsupportedVersion"/> where the feature kraft.version is 0, so that the voters are those of the configuration files.
    /// </exception>
    public async ValueTask RemoveRaftVoterAsync(int voterId, Guid directoryId, string? clusterId = null, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        var what = $"The vote of controller {voterId} could not be taken";
        await Start<RemoveRaftVoterRequest, RemoveRaftVoterResponse, bool>(cancellation, call => new(call, _machine, _settings)
        {
            What = what,
            Target = RequestTarget.Controller,
            Request = _ => new RemoveRaftVoterRequest { ClusterId = clusterId, VoterId = voterId, VoterDirectoryId = directoryId },
            Take = answer => Step<bool>.From(answer.ErrorCode, answer.ErrorMessage, what, static () => true),
        });
    }

    /// <summary>Takes the registrations of brokers that were shut down for good, with KRaft. Their replicas stay assigned to them: reassign those first.</summary>
    /// <param name="nodeIds">The node ids; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; it may be done all the same.</param>
    /// <returns>The outcome for each, in the order given. One that is not registered is an error of its own (<see cref="ErrorCode.BrokerIdNotRegistered"/>).</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<int>>> UnregisterBrokersAsync(IEnumerable<int> nodeIds, CancellationToken cancellation = default)
    {
        var items = Items<int, bool>(nodeIds, static node => $"Broker {node} could not be unregistered");
        return Outcomes(AskEach<int, bool, UnregisterBrokerRequest, UnregisterBrokerResponse>(
            items, ToController<int>(),
            static (_, nodes) => new UnregisterBrokerRequest { BrokerId = nodes[0] },
            (answer, nodes, _) => items.Take(nodes[0], answer.ErrorCode, answer.ErrorMessage, static () => true),
            cancellation, mostPerRequest: 1));
    }

    /// <summary>
    /// Takes the registrations of controllers that were shut down for good, so that the features that they can do count no longer (KIP-1312). A vote
    /// that one has stays: take it first (<see cref="RemoveRaftVoterAsync"/>). One that still runs registers itself anew.
    /// </summary>
    /// <param name="nodeIds">The node ids; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; it may be done all the same.</param>
    /// <returns>
    /// The outcome for each, in the order given. One that is not registered is an error of its own (<see cref="ErrorCode.BrokerIdNotRegistered"/>), and
    /// a cluster that is too old for it another (<see cref="ErrorCode.UnsupportedVersion"/>).
    /// </returns>
    public ValueTask<IReadOnlyList<ItemOutcome<int>>> UnregisterControllersAsync(IEnumerable<int> nodeIds, CancellationToken cancellation = default)
    {
        var items = Items<int, bool>(nodeIds, static node => $"Controller {node} could not be unregistered");
        return Outcomes(AskEach<int, bool, UnregisterControllerRequest, UnregisterControllerResponse>(
            items, ToController<int>(),
            static (_, nodes) => new UnregisterControllerRequest { ControllerId = nodes[0] },
            (answer, nodes, _) => items.Take(nodes[0], answer.ErrorCode, answer.ErrorMessage, static () => true),
            cancellation, mostPerRequest: 1));
    }
}
