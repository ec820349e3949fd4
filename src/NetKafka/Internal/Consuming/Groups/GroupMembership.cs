using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// The membership of a consumer in its group, by the protocol that was asked for; else by the one that suits the cluster and the options: the
/// consumer protocol where the cluster has finalized it and nothing was set that the classic one alone has. Where a first join by that choice
/// is refused since the group is of the other protocol, the other one is tried, once.
/// </summary>
sealed class GroupMembership : Machine, IGroupMembership, IMemberOwner
{
    // A broker may speak the API without the feature, as those of 3.9 do, and then refuses.
    const string Feature = "group.version";

    readonly ConsumerContext _context;
    readonly IMemberOwner _owner;
    readonly MachineQueue _machines;
    readonly List<Action<Effects>> _reports = [];
    string? _joinReason;
    bool _hasBeenMember;
    bool _hasTriedOther;

    public GroupMembership(ConsumerContext context, IMemberOwner owner, MachineQueue machines)
    {
        (_context, _owner, _machines) = (context, owner, machines);
        if (context.Options.GroupProtocol != GroupProtocol.Automatic)
            Member = Make(context.Options.GroupProtocol);
    }

    /// <summary>The member; null until it is known of which protocol it is.</summary>
    public MemberMachine? Member { get; private set; }

    public string MemberId => Member?.MemberId ?? "";

    public int Generation => Member?.Generation ?? -1;

    public bool CanCommit => Member?.CanCommit ?? false;

    public bool IsRebalancing => Member?.IsRebalancing ?? true;

    public bool IsOfConsumerProtocol => Member?.IsOfConsumerProtocol ?? false;

    public Guid TopicIdOf(TopicPartition partition) => Member?.TopicIdOf(partition) ?? Guid.Empty;

    /// <summary>Wants to be a member from now on.</summary>
    public void Join(string reason)
    {
        _joinReason = reason;
        if (Member is null)
            Wake();
        else
            Member.Join(reason);
    }

    /// <inheritdoc cref="MemberMachine.OnHandedOver"/>
    public void OnHandedOver(int number) => Member?.OnHandedOver(number);

    public void OnClusterChanged()
    {
        Member?.OnClusterChanged();
        Wake();
    }

    /// <inheritdoc cref="MemberMachine.OnSubscriptionChanged"/>
    public void OnSubscriptionChanged()
    {
        Member?.OnSubscriptionChanged();
        Wake();
    }

    /// <inheritdoc cref="MemberMachine.EnforceRebalance"/>
    public bool EnforceRebalance(string reason) => Member?.EnforceRebalance(reason) ?? true;

    public void OnRefused(ErrorCode error) => Member?.OnRefused(error);

    /// <inheritdoc cref="MemberMachine.Suspend"/>
    public void Suspend(string reason)
    {
        _joinReason = null;
        Member?.Suspend(reason);
    }

    /// <inheritdoc cref="MemberMachine.Leave"/>
    public void Leave(Instant deadline, GroupMembershipOperation operation, Action onLeft)
    {
        _joinReason = null;
        if (Member is null)
            onLeft();
        else
            Member.Leave(deadline, operation, onLeft);
    }

    public void Release(int number, IReadOnlyList<TopicPartition> partitions) => _owner.Release(number, partitions);

    public void Lose(int number, IReadOnlyList<TopicPartition> partitions, string reason) => _owner.Lose(number, partitions, reason);

    public void Take(int number, IReadOnlyList<TopicPartition> partitions)
    {
        _hasBeenMember = true;
        _owner.Take(number, partitions);
    }

    public void OnMemberProblem(KafkaException problem) => _owner.OnMemberProblem(problem);

    public void OnMemberFailed(KafkaException error)
    {
        if (!MayTryOther(error) || _joinReason is not { } reason)
        {
            _owner.OnMemberFailed(error);
            return;
        }
        _hasTriedOther = true;
        var other = Member!.IsOfConsumerProtocol ? GroupProtocol.Classic : GroupProtocol.Consumer;
        _machines.Remove(Member);
        Begin(other, reason);
        _reports.Add(effects => effects.Log(logger => ClientLog.GroupProblem(
            logger, _context.Options.GroupId!, $"{error.Message} Joining by the {other} protocol in its place; to ask for one protocol alone set GroupProtocol")));
        Wake();
    }

    public override bool TakeFault(Exception error) => _context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        // A broker that has told of the cluster has told of its features before.
        if (Member is null && _joinReason is { } reason && _context.Cluster.View.Brokers.Count > 0)
            Begin(Choice, reason);
        return Instant.Never;
    }

    GroupProtocol Choice => !NeedsConsumerProtocol && (_context.Options.HasClassicSettings || _context.Cluster.FinalizedLevel(Feature) < 1)
        ? GroupProtocol.Classic
        : GroupProtocol.Consumer;

    bool NeedsConsumerProtocol => _context.Subscription.BrokerPattern is not null;

    bool MayTryOther(KafkaException error) => _context.Options.GroupProtocol == GroupProtocol.Automatic && !_hasTriedOther && !_hasBeenMember && !NeedsConsumerProtocol
        && error.Code is ErrorCode.UnsupportedVersion or ErrorCode.GroupIdNotFound or ErrorCode.InconsistentGroupProtocol;

    void Begin(GroupProtocol protocol, string reason)
    {
        Member = Make(protocol);
        _machines.Add(Member);
        Member.Join(reason);
    }

    MemberMachine Make(GroupProtocol protocol) =>
        protocol == GroupProtocol.Consumer ? new ConsumerMemberMachine(_context, this) : new ClassicMemberMachine(_context, this);
}
