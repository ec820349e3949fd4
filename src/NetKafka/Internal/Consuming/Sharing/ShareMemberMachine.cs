using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// A member of a share group (KIP-932): it shows that it lives and says what it subscribes to, and the coordinator answers of which partitions it
/// is to acquire records. Others may have the same, so nothing is given up or waited for: an assignment counts at once. One heartbeat is under way
/// at a time.
/// </summary>
sealed partial class ShareMemberMachine : Machine, IHeartbeatOwner
{
    readonly ShareContext _context;
    readonly IShareMemberOwner _owner;
    readonly TopicIdNames _names;
    readonly HeartbeatTries _heartbeats;
    readonly List<Action<Effects>> _reports = [];
    readonly SortedDictionary<TopicPartition, Guid> _assigned = [];
    IReadOnlyList<string> _topics;
    SortedDictionary<Guid, int[]> _target = [];

    public ShareMemberMachine(ShareContext context, IShareMemberOwner owner)
    {
        (_context, _owner, _topics) = (context, owner, [.. context.Options.Topics]);
        _names = new TopicIdNames(context, this) { OnFound = OnClusterChanged };
        _heartbeats = new HeartbeatTries(context, Coordinator, this);
        MemberId = MemberIds.Draw(context.Random);
    }

    public ShareMemberState State { get; private set; }

    /// <summary>Given by itself, once in its life.</summary>
    public string MemberId { get; }

    /// <summary>−1 without membership.</summary>
    public int Epoch { get; private set; } = -1;

    /// <summary>The partitions to acquire records of, as far as the names of their topics are known, with the topics' ids.</summary>
    public IReadOnlyDictionary<TopicPartition, Guid> Assigned => _assigned;

    /// <summary>Whether it has been assigned something, or nothing, since it was last made to join.</summary>
    public bool IsAssigned { get; private set; }

    public string GroupName => $"Share group '{_context.Group}'";

    CoordinatorKey Coordinator => CoordinatorKey.Group(_context.Group);

    /// <summary>Wants to be a member from now on.</summary>
    public void Join(string reason)
    {
        if (State == ShareMemberState.Idle)
            BeginJoin(reason);
    }

    /// <summary>Subscribes to these from now on, which the coordinator is told at once.</summary>
    public void Subscribe(IReadOnlyList<string> topics)
    {
        (_topics, _heartbeats.IsFull) = (topics, true);
        Wake();
    }

    public void OnClusterChanged()
    {
        if (State == ShareMemberState.Stable)
            Resolve();
        Wake();
    }

    /// <summary>Leaves, and may join again.</summary>
    public void Suspend()
    {
        if (State is ShareMemberState.Idle or ShareMemberState.Leaving or ShareMemberState.Left)
            return;
        SendLeave(null, Instant.Never);
        End();
        Move(ShareMemberState.Idle);
        Wake();
    }

    /// <summary>Leaves for good.</summary>
    /// <param name="deadline">How long the answer is waited for.</param>
    /// <param name="onLeft">Told once it was said, or could not be.</param>
    public void Leave(Instant deadline, Action onLeft)
    {
        var wasMember = State != ShareMemberState.Idle;
        Move(ShareMemberState.Leaving);
        if (wasMember)
            SendLeave(onLeft, deadline);
        End();
        if (!wasMember)
            OnLeft(onLeft);
        Wake();
    }

    public override bool TakeFault(Exception error) => _context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        return Instant.Earlier(_names.Poll(now), PollHeartbeat(now));
    }

    void BeginJoin(string reason)
    {
        (_heartbeats.IsFull, Epoch) = (true, 0);
        Move(ShareMemberState.Joining);
        _reports.Add(effects => effects.Log(logger => ClientLog.Joining(logger, _context.Group, MemberId, reason)));
        Wake();
    }

    void Take(ShareGroupHeartbeatResponse.AssignmentData assignment)
    {
        _target = [];
        foreach (var topic in assignment.TopicPartitions)
            _target[topic.TopicId] = topic.Partitions;
        _names.Keep(_target.Keys);
        Resolve();
    }

    void Resolve()
    {
        var assigned = new SortedDictionary<TopicPartition, Guid>();
        foreach (var (id, partitions) in _target)
        {
            if (_names.Find(id) is not { } topic)
                continue;
            foreach (var partition in partitions)
                assigned[new TopicPartition(topic, partition)] = id;
        }
        if (IsAssigned && assigned.SequenceEqual(_assigned))
            return;
        IsAssigned = true;
        _assigned.Clear();
        foreach (var (partition, id) in assigned)
            _assigned[partition] = id;
        List<TopicPartition> partitionNames = [.. _assigned.Keys];
        var epoch = Epoch;
        _reports.Add(effects => effects.Log(logger => ClientLog.Assigned(logger, _context.Group, epoch, PartitionList.Of(partitionNames))));
        _owner.OnShareAssigned();
    }

    /// <summary>The coordinator does not count this member any more: it joins again, under its id.</summary>
    void Expel(ErrorCode error, Instant now)
    {
        if (State is not (ShareMemberState.Stable or ShareMemberState.Joining))
            return;
        var reason = $"the coordinator answered {error.KafkaName()}: it had heard nothing of this member for its session timeout "
            + "(group.share.session.timeout.ms)";
        var wasJoining = State == ShareMemberState.Joining;
        End();
        if (wasJoining)
            _heartbeats.Retry(reason, now);
        else
            BeginJoin(reason);
    }

    void Fail(KafkaException error)
    {
        if (State is ShareMemberState.Idle or ShareMemberState.Leaving or ShareMemberState.Left)
            return;
        if (State == ShareMemberState.Stable)
            SendLeave(null, Instant.Never);
        End();
        Move(ShareMemberState.Idle);
        _owner.OnMemberFailed(error);
    }

    /// <summary>No answer to what was asked so far counts, and it is no member.</summary>
    void End()
    {
        _heartbeats.Forget();
        (Epoch, IsAssigned, _target) = (State == ShareMemberState.Joining ? 0 : -1, false, []);
        _assigned.Clear();
        _names.Clear();
        _owner.OnShareAssigned();
    }

    void Move(ShareMemberState to)
    {
        if (State == to)
            return;
        ShareMemberMoves.Check(State, to);
        State = to;
    }

    void Report(string problem) => _reports.Add(effects => effects.Log(logger => ClientLog.GroupProblem(logger, _context.Group, problem)));
}
