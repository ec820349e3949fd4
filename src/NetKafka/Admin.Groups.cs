using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Groups of all kinds.</content>
public sealed partial class Admin
{
    const short FirstListingByState = 4;
    const short FirstListingByType = 5;

    /// <summary>Lists the groups of the cluster, of whatever kind. All brokers are asked, each for the groups that it coordinates.</summary>
    /// <param name="types">Only groups of these kinds (KIP-848; ListGroups 5); null or none for all.</param>
    /// <param name="states">Only groups in these states (Kafka 2.6 and later); null or none for all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The groups by id, and the brokers that told nothing.</returns>
    /// <exception cref="KafkaException">The brokers could not be found out.</exception>
    public async ValueTask<ListResult<GroupListing>> ListGroupsAsync(
        IEnumerable<GroupType>? types = null, IEnumerable<GroupState>? states = null, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        string[] wantedTypes = [.. (types ?? []).Select(static type => type.ToString())];
        string[] wantedStates = [.. (states ?? []).Select(static state => state.ToString())];
        return await AskAllBrokers<GroupListing, ListGroupsRequest, ListGroupsResponse>(
            static node => $"The groups of broker {node} could not be listed",
            new ListGroupsRequest { TypesFilter = wantedTypes, StatesFilter = wantedStates },
            static answer => (answer.ErrorCode, answer.Groups.Select(static group => new GroupListing(
                group.GroupId, GroupDescriptions.TypeOf(group.GroupType), GroupDescriptions.StateOf(group.GroupState), group.ProtocolType))),
            static group => group.GroupId, Scope(cancellation),
            wantedTypes.Length > 0 ? FirstListingByType : wantedStates.Length > 0 ? FirstListingByState : (short)0);
    }

    /// <summary>Describes groups of consumers, of the consumer protocol (KIP-848) and of the classic one.</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to each. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each group, in the order given, its description or an error of its own. A classic group that does not exist is told as dead by brokers before 4.0.</returns>
    public async ValueTask<IReadOnlyList<ItemResult<string, GroupDescription>>> DescribeConsumerGroupsAsync(
        IEnumerable<string> groupIds, bool includeAuthorizedOperations = false, CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        return await DescribeConsumerGroups(groupIds, includeAuthorizedOperations, Scope(cancellation));
    }

    async ValueTask<IReadOnlyList<ItemResult<string, GroupDescription>>> DescribeConsumerGroups(IEnumerable<string> groupIds, bool includeAuthorizedOperations, CallScope scope)
    {
        var items = Items<string, GroupDescription>(groupIds, WhatOfDescription, StringComparer.Ordinal);
        var described = await AskEach<string, GroupDescription, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(
            items, ToCoordinator(),
            (_, ids) => new ConsumerGroupDescribeRequest { GroupIds = [.. ids], IncludeAuthorizedOperations = includeAuthorizedOperations },
            (answer, _, node) =>
            {
                foreach (var row in answer.Groups)
                    items.Take(row.GroupId, row.ErrorCode, row.ErrorMessage, () => GroupDescriptions.From(row, NodeOf(node), includeAuthorizedOperations));
            },
            scope);
        // Who is no group of this protocol may be one of the other, and an old broker knows that alone.
        string[] others = [.. described.Where(static result => result.Error?.Code is ErrorCode.GroupIdNotFound or ErrorCode.UnsupportedVersion).Select(static result => result.Item)];
        if (others.Length == 0)
            return described;
        var classic = (await DescribeClassicGroups(others, includeAuthorizedOperations, scope)).ToDictionary(static result => result.Item, StringComparer.Ordinal);
        return [.. described.Select(result => classic.GetValueOrDefault(result.Item, result))];
    }

    /// <summary>Describes groups of the classic protocol, of consumers and others.</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to each (Kafka 2.3 and later). Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each group, in the order given, its description or an error of its own. A group that does not exist is told as dead by brokers before 4.0.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, GroupDescription>>> DescribeClassicGroupsAsync(
        IEnumerable<string> groupIds, bool includeAuthorizedOperations = false, CancellationToken cancellation = default) =>
        DescribeClassicGroups(groupIds, includeAuthorizedOperations, cancellation);

    /// <summary>Describes share groups (KIP-932; Kafka 4.1 and later).</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to each. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each group, in the order given, its description or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, GroupDescription>>> DescribeShareGroupsAsync(
        IEnumerable<string> groupIds, bool includeAuthorizedOperations = false, CancellationToken cancellation = default)
    {
        var items = Items<string, GroupDescription>(groupIds, WhatOfDescription, StringComparer.Ordinal);
        return AskEach<string, GroupDescription, ShareGroupDescribeRequest, ShareGroupDescribeResponse>(
            items, ToCoordinator(),
            (_, ids) => new ShareGroupDescribeRequest { GroupIds = [.. ids], IncludeAuthorizedOperations = includeAuthorizedOperations },
            (answer, _, node) =>
            {
                foreach (var row in answer.Groups)
                    items.Take(row.GroupId, row.ErrorCode, row.ErrorMessage, () => GroupDescriptions.From(row, NodeOf(node), includeAuthorizedOperations));
            },
            cancellation);
    }

    /// <summary>Describes groups of Kafka Streams applications by the streams protocol (KIP-1071; Kafka 4.1 and later).</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to each. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each group, in the order given, its description or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, StreamsGroupDescription>>> DescribeStreamsGroupsAsync(
        IEnumerable<string> groupIds, bool includeAuthorizedOperations = false, CancellationToken cancellation = default)
    {
        var items = Items<string, StreamsGroupDescription>(groupIds, WhatOfDescription, StringComparer.Ordinal);
        return AskEach<string, StreamsGroupDescription, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(
            items, ToCoordinator(),
            (_, ids) => new StreamsGroupDescribeRequest { GroupIds = [.. ids], IncludeAuthorizedOperations = includeAuthorizedOperations },
            (answer, _, node) =>
            {
                foreach (var row in answer.Groups)
                    items.Take(row.GroupId, row.ErrorCode, row.ErrorMessage, () => StreamsGroupDescriptions.From(row, NodeOf(node), includeAuthorizedOperations));
            },
            cancellation);
    }

    /// <summary>Deletes groups of any kind with all their offsets. A group must have no members.</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the groups may be deleted all the same.</param>
    /// <returns>The outcome for each group, in the order given. One that has members is an error of its own (<see cref="ErrorCode.NonEmptyGroup"/>).</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> DeleteGroupsAsync(IEnumerable<string> groupIds, CancellationToken cancellation = default)
    {
        var items = Items<string, bool>(groupIds, static id => $"Group '{id}' could not be deleted", StringComparer.Ordinal);
        return Outcomes(AskEach<string, bool, DeleteGroupsRequest, DeleteGroupsResponse>(
            items, ToCoordinator(),
            static (_, ids) => new DeleteGroupsRequest { GroupsNames = [.. ids] },
            (answer, _, _) =>
            {
                foreach (var row in answer.Results)
                    items.Take(row.GroupId, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation));
    }

    ValueTask<IReadOnlyList<ItemResult<string, GroupDescription>>> DescribeClassicGroups(
        IEnumerable<string> groupIds, bool includeAuthorizedOperations, CallScope scope)
    {
        var items = Items<string, GroupDescription>(groupIds, WhatOfDescription, StringComparer.Ordinal);
        return AskEach<string, GroupDescription, DescribeGroupsRequest, DescribeGroupsResponse>(
            items, ToCoordinator(),
            (_, ids) => new DescribeGroupsRequest { Groups = [.. ids], IncludeAuthorizedOperations = includeAuthorizedOperations },
            (answer, _, node) =>
            {
                foreach (var row in answer.Groups)
                    items.Take(row.GroupId, row.ErrorCode, row.ErrorMessage, () => GroupDescriptions.From(row, NodeOf(node), includeAuthorizedOperations));
            },
            scope);
    }

    static string WhatOfDescription(string id) => $"Group '{id}' could not be described";

    static CoordinatorRoute<string> ToCoordinator() => new(static id => CoordinatorKey.Group(id));

    BrokerNode? NodeOf(int node) =>
        _runtime.Cluster.View.Brokers.GetValueOrDefault(node) is { } broker ? new BrokerNode(broker.NodeId, broker.Host, broker.Port, broker.Rack) : null;
}
