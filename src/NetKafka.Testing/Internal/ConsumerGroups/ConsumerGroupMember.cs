using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>One member of a group of the consumer protocol (KIP-848): what it asked for, and what it has.</summary>
sealed class ConsumerGroupMember(string memberId) : IGroupMember
{
    public string MemberId { get; set; } = memberId;

    public string? InstanceId { get; set; }

    public string ClientId { get; set; } = "";

    internal string? RackId { get; set; }

    internal int RebalanceTimeoutMs { get; set; }

    /// <summary>The server-side assignor that it asks for; null for any.</summary>
    internal string? ServerAssignor { get; set; }

    /// <summary>The topics that it names, each once and in order.</summary>
    internal string[] TopicNames { get; set; } = [];

    /// <summary>The regular expression that it subscribes to; empty for none.</summary>
    internal string TopicRegex { get; set; } = "";

    /// <summary>How far it has come; <see cref="MemberEpochs.LeaveForNow"/> while a static member is away.</summary>
    internal int Epoch { get; set; }

    /// <summary>The epoch before, with which it may come once more: the answer that brought the newer one may be lost.</summary>
    internal int PreviousEpoch { get; set; }

    internal MemberState State { get; set; }

    /// <summary>What it is to have, each with the epoch in which it was given.</summary>
    internal SortedDictionary<TopicIdPartition, int> Assigned { get; set; } = [];

    /// <summary>What it is to give up and may still have, each with the epoch in which it was given.</summary>
    internal SortedDictionary<TopicIdPartition, int> Revoking { get; set; } = [];

    /// <summary>Ends its session, unless a heartbeat comes before.</summary>
    internal TimerEntry? Session { get; set; }

    /// <summary>Ends the time that it has to give partitions up.</summary>
    internal TimerEntry? Rebalance { get; set; }

    /// <summary>What it asked for by the classic protocol, if it speaks that; null if not.</summary>
    internal ClassicMembership? Classic { get; set; }

    /// <summary>Ends the time that a member of the classic protocol has to join again.</summary>
    internal TimerEntry? JoinTimeout { get; set; }

    /// <summary>Ends the time that a member of the classic protocol has to ask for what it was given.</summary>
    internal TimerEntry? SyncTimeout { get; set; }

    /// <summary>Whether nobody else may be given a partition, because this member may have it.</summary>
    internal bool Holds(TopicIdPartition partition) => Assigned.ContainsKey(partition) || Revoking.ContainsKey(partition);

    internal bool IsReconciledTo(int epoch) => State == MemberState.Stable && Epoch == epoch;

    internal void CancelTimers()
    {
        Session?.Cancel();
        Rebalance?.Cancel();
        JoinTimeout?.Cancel();
        SyncTimeout?.Cancel();
    }
}
