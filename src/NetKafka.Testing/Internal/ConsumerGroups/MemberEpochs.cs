namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>Member epochs that mean something else than how far a member is.</summary>
static class MemberEpochs
{
    internal const int Join = 0;
    internal const int Leave = -1;

    /// <summary>A static member leaves and means to come back: its partitions are kept until its session ends.</summary>
    internal const int LeaveForNow = -2;
}
