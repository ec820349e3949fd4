using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Members that are put out of their groups.</content>
public sealed partial class Admin
{
    // Before it a request names one member, and no static one.
    const short FirstLeavingOfSeveral = 3;

    /// <summary>
    /// Puts static members out of a group of consumers (KIP-345): for those that will not come back, so that nobody waits for their session to end.
    /// One that lives learns it, and joins anew or ends.
    /// </summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="groupInstanceIds">The names of the static members; none succeeds without a request.</param>
    /// <param name="reason">Why, for the coordinator's log (KIP-800; LeaveGroup 5); null for none.</param>
    /// <param name="cancellation">Ends the wait; they may be put out all the same.</param>
    /// <returns>The outcome for each name, in the order given: <see cref="ErrorCode.UnknownMemberId"/> where the group has no such member.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> RemoveMembersFromConsumerGroupAsync(
        string groupId, IEnumerable<string> groupInstanceIds, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var items = Items<string, bool>(groupInstanceIds, id => $"Static member '{id}' could not be put out of group '{groupId}'", StringComparer.Ordinal);
        return Outcomes(Leave(groupId, items, static id => (id, ""), static row => row.GroupInstanceId ?? "", reason, cancellation));
    }

    /// <summary>
    /// Puts all members out of a group of consumers, as to change its offsets. Members that live learn it, and join anew: end them first. Who joins
    /// meanwhile stays.
    /// </summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="reason">Why, for the coordinator's log (KIP-800; LeaveGroup 5); null for none.</param>
    /// <param name="cancellation">Ends the wait; they may be put out all the same.</param>
    /// <returns>The outcome for each member that the group had, by member id; none where it had none.</returns>
    /// <exception cref="KafkaException">The group could not be described.</exception>
    public async ValueTask<IReadOnlyList<ItemOutcome<string>>> RemoveAllMembersFromConsumerGroupAsync(
        string groupId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        await _runtime.Enter();
        var scope = Scope(cancellation);
        var members = (await DescribeConsumerGroups([groupId], includeAuthorizedOperations: false, scope))[0].GetOrThrow().Members.ToDictionary(static member => member.MemberId, StringComparer.Ordinal);
        var items = Items<string, bool>(members.Keys, id => $"Member '{id}' could not be put out of group '{groupId}'", StringComparer.Ordinal);
        return await Outcomes(Leave(groupId, items, id => (members[id].GroupInstanceId, id), static row => row.MemberId, reason, scope));
    }

    ValueTask<IReadOnlyList<ItemResult<string, bool>>> Leave(
        string groupId,
        AdminItems<string, bool> items,
        Func<string, (string? GroupInstanceId, string MemberId)> memberOf,
        Func<LeaveGroupResponse.MemberResponse, string> keyOf,
        string? reason,
        CallScope scope)
    {
        var coordinator = CoordinatorKey.Group(groupId);
        return AskEach<string, bool, LeaveGroupRequest, LeaveGroupResponse>(
            items, new CoordinatorRoute<string>(_ => coordinator),
            (version, open) => new LeaveGroupRequest
            {
                GroupId = groupId,
                Members = [.. open.Select(memberOf).Select(member => new LeaveGroupRequest.MemberIdentity
                {
                    MemberId = member.MemberId, GroupInstanceId = member.GroupInstanceId, Reason = reason,
                })],
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, null);
                foreach (var row in answer.Members)
                    items.Take(keyOf(row), row.ErrorCode, null, static () => true);
            },
            scope, FirstLeavingOfSeveral);
    }
}
