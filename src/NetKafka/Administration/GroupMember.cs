namespace NetKafka.Administration;

/// <summary>A member of a group as its coordinator sees it.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="ClientId">What it calls itself.</param>
/// <param name="Host">From where it comes.</param>
public sealed record GroupMember(string MemberId, string ClientId, string Host)
{
    /// <summary>The lasting name of a static member (KIP-345); null of others.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>Where it runs, where it tells; of members of the consumer protocol and of share groups.</summary>
    public string? Rack { get; init; }

    /// <summary>The epoch that it is in; −1 in groups of the classic protocol.</summary>
    public int Epoch { get; init; } = -1;

    /// <summary>Whether it speaks the classic protocol in a group of the consumer protocol; null where the broker does not tell.</summary>
    public bool? IsClassic { get; init; }

    /// <summary>What it subscribes to by name; empty in groups of the classic protocol.</summary>
    public IReadOnlyList<string> SubscribedTopics { get; init; } = [];

    /// <summary>What it subscribes to by a pattern of the broker's; null where it has none.</summary>
    public string? SubscribedPattern { get; init; }

    /// <summary>What it has.</summary>
    public IReadOnlyList<TopicPartition> Assignment { get; init; } = [];

    /// <summary>What it is to have; empty in groups of the classic protocol and in share groups, where it has what it is to have.</summary>
    public IReadOnlyList<TopicPartition> TargetAssignment { get; init; } = [];
}
