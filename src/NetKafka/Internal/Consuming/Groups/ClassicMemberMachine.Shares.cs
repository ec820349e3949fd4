using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <content>
/// How a leader that does not know what was shared out learns it: a static member in a new process, which a coordinator from KIP-814 on lets
/// lead on without sharing anew. Partitions that were added while it was away would belong to nobody else.
/// </content>
sealed partial class ClassicMemberMachine
{
    const string StableState = "Stable";

    bool _isAskingShares;
    Instant _askSharesAt = Instant.Start;

    /// <returns>When to ask again.</returns>
    Instant AskShares(Instant now)
    {
        if (!_leader.IsBlind || State != MemberState.Stable || _isAskingShares)
            return Instant.Never;
        if (_askSharesAt > now)
            return _askSharesAt;
        _isAskingShares = true;
        var generation = Generation;
        var request = new Exchange<DescribeGroupsRequest, DescribeGroupsResponse>(
            _ => new DescribeGroupsRequest { Groups = [Group] }, outcome => OnShares(generation, outcome))
        {
            Timeout = _context.RequestTimeout, Deadline = now + _context.RequestTimeout, Owner = this,
        };
        _context.Cluster.Send(request, RequestTarget.Coordinator(Coordinator), _context.GroupLane);
        return Instant.Never;
    }

    void OnShares(int generation, Outcome<DescribeGroupsResponse> outcome)
    {
        _isAskingShares = false;
        _askSharesAt = outcome.Now + _context.Options.HeartbeatInterval;
        Wake();
        if (generation != Generation || State != MemberState.Stable || !_leader.IsBlind)
            return;
        if (!outcome.HasResponse)
        {
            if (!outcome.Failure.IsRetriable && outcome.Failure.Reason != RequestFailureReason.Expired)
                _leader.Learn(null);
            return;
        }
        if (outcome.Response.Groups is not [var group])
            return;
        if (group.ErrorCode is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            _context.Cluster.ForgetCoordinator(Coordinator, outcome.NodeId);
        else if (group.ErrorCode == ErrorCode.None && group.GroupState == StableState)
            TakeShares(group);
        // Who may not ask leads on as Java does, without knowing.
        else if (group.ErrorCode != ErrorCode.None && !group.ErrorCode.IsRetriable())
            _leader.Learn(null);
    }

    void TakeShares(DescribeGroupsResponse.DescribedGroup group)
    {
        try
        {
            _leader.Learn([.. group.Members.SelectMany(static member => GroupMessages.ReadAssignment(member.MemberAssignment))]);
        }
        catch (MalformedMessageException)
        {
            _leader.Learn(null);
        }
        OnClusterChanged();
    }
}
