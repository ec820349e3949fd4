namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>The states of a group of the consumer protocol, as ConsumerGroupDescribe names them.</summary>
enum ConsumerGroupState
{
    /// <summary>No members; there may be offsets.</summary>
    Empty,

    /// <summary>Something changed, and there is no target for it yet.</summary>
    Assigning,

    /// <summary>There is a target, and a member that has not come to it.</summary>
    Reconciling,

    /// <summary>Every member has its target.</summary>
    Stable,
}
