namespace NetKafka.Testing.Internal.Groups;

/// <summary>What is known of a member, whichever protocol it speaks.</summary>
interface IGroupMember
{
    string MemberId { get; }

    /// <summary>The group.instance.id of a static member; null for others.</summary>
    string? InstanceId { get; }

    string ClientId { get; }
}
