using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>Static members first, by their lasting ids, so that a restart moves nothing; then the others.</summary>
sealed class MemberOrder : IComparer<MemberSubscription>
{
    public static readonly MemberOrder Instance = new();

    public int Compare(MemberSubscription? left, MemberSubscription? right)
    {
        if (left is null || right is null)
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        if (left.GroupInstanceId is null != right.GroupInstanceId is null)
            return left.GroupInstanceId is null ? 1 : -1;
        var byInstance = string.CompareOrdinal(left.GroupInstanceId, right.GroupInstanceId);
        return byInstance != 0 ? byInstance : string.CompareOrdinal(left.MemberId, right.MemberId);
    }
}
