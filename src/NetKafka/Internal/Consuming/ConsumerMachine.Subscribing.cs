using System.Text.RegularExpressions;
using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <content>How the application subscribes to other topics, and ends its membership without ending the consumer.</content>
sealed partial class ConsumerMachine
{
    readonly List<Call<bool>> _unsubscribeWaits = [];
    readonly List<Action> _leaveWaits = [];
    bool _isUnsubscribing;
    bool _isUnsubscribed;

    /// <summary>Reads these topics and no others from now on, as a member of the group.</summary>
    public void Subscribe(TopicSubscription wanted, Call<bool> call, Effects effects)
    {
        if (_isUnsubscribing || _assignedByHand.Count > 0)
        {
            call.Fail(new InvalidOperationException(_isUnsubscribing
                ? "UnsubscribeAsync has not completed; subscribe when it has."
                : "Partitions are assigned by hand, so topics cannot be subscribed to. Call UnsubscribeAsync first."), effects);
            return;
        }
        _context.Subscription.Set(wanted);
        if (_member is null)
            BecomeMember();
        else
            _member.OnSubscriptionChanged();
        CheckTopics(_context.Cluster.View);
        call.Succeed(true, effects);
    }

    /// <summary>Gives everything up in order and leaves the group; answered when that is done.</summary>
    public void Unsubscribe(Call<bool> call)
    {
        if (_member is null)
        {
            Assign([], call);
            return;
        }
        _unsubscribeWaits.Add(call);
        if (_isUnsubscribing)
            return;
        _isUnsubscribing = true;
        List<TopicPartition> all = [.. _context.Assignment.Snapshot.Select(partition => partition.Partition)];
        var deadline = call.Deadline;
        _handovers.Begin(new Handover(HandoverKind.Revoked, all, _context.Options.MaxPollInterval, callsHandlers: true, _ =>
            LeaveGroup(deadline, GroupMembershipOperation.Default, () =>
            {
                _isUnsubscribed = true;
                Wake();
            })));
        Wake();
    }

    /// <summary>Has the group share out its partitions anew.</summary>
    public void EnforceRebalance(string reason, Call<bool> call, Effects effects)
    {
        if (_member is null)
            call.Fail(new InvalidOperationException("The consumer subscribes to nothing, so there is no group to be rebalanced."), effects);
        else if (_member.EnforceRebalance(reason))
            call.Succeed(true, effects);
        else
            call.Fail(new NotSupportedException(
                $"Group '{_context.Options.GroupId}' uses the consumer protocol (KIP-848), of which the coordinator alone decides when partitions are shared out anew. "
                    + "Set GroupProtocol to Classic to enforce rebalances."), effects);
    }

    void BecomeMember()
    {
        _member = new GroupMembership(_context, this, _machines);
        _machines.Add(_member);
        if (_member.Member is { } member)
            _machines.Add(member);
        (_isActive, _isAssigned) = (false, false);
        if (_reader is not null)
            Activate("the application subscribes");
        Wake();
    }

    /// <summary>The member leaves, once; whoever wants that is told when it has.</summary>
    void LeaveGroup(Instant deadline, GroupMembershipOperation operation, Action onLeft)
    {
        // A close may come between the end of the membership and the look at it.
        if (_isUnsubscribed || _member is not { } member)
        {
            onLeft();
            return;
        }
        _leaveWaits.Add(onLeft);
        if (_leaveWaits.Count > 1)
            return;
        member.Leave(deadline, operation, () =>
        {
            foreach (var told in _leaveWaits)
                told();
            _leaveWaits.Clear();
        });
    }

    /// <summary>The membership is over: the consumer is as one that has never subscribed.</summary>
    void EndUnsubscribing(Effects effects)
    {
        if (!_isUnsubscribed || _close is not null)
            return;
        if (_member is { } member)
        {
            _machines.Remove(member);
            if (member.Member is { } machine)
                _machines.Remove(machine);
        }
        (_member, _isUnsubscribing, _isUnsubscribed, _isActive, _isAssigned) = (null, false, false, false, false);
        _context.Subscription.Set(new TopicSubscription());
        foreach (var call in _unsubscribeWaits)
            call.Succeed(true, effects);
        _unsubscribeWaits.Clear();
    }

    /// <summary>Who waits no longer is told so; the rest goes on.</summary>
    Instant WatchUnsubscribing(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _unsubscribeWaits.Count - 1; i >= 0; i--)
        {
            var call = _unsubscribeWaits[i];
            if (call.Deadline > now)
            {
                next = Instant.Earlier(next, call.Deadline);
                continue;
            }
            call.Fail(new KafkaTimeoutException(
                "The subscription did not end in time (DefaultApiTimeout): the application has not finished the record in hand, or a handler has "
                    + "not ended. It ends when they have, within MaxPollInterval.", "unsubscribe"), effects);
            _unsubscribeWaits.RemoveAt(i);
        }
        return next;
    }

    /// <summary>Looks whether a pattern matches other topics now.</summary>
    bool IsOtherNow(ClusterView view)
    {
        try
        {
            return _context.Subscription.Update(view);
        }
        catch (RegexMatchTimeoutException endless)
        {
            _context.Subscription.Set(new TopicSubscription());
            _member?.Suspend("its pattern does not come to an end");
            OnMemberFailed(new KafkaException(
                $"The pattern '{endless.Pattern}' (TopicPattern) does not come to an end on the topic '{endless.Input}': simplify it.", endless)
            { IsFatal = true });
            return false;
        }
    }
}
