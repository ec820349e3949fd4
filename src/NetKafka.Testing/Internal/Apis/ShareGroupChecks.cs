using NetKafka.Protocol;
using NetKafka.Testing.Internal.ShareGroups;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>What every request to the coordinator of a share group is asked first.</summary>
static class ShareGroupChecks
{
    internal static ErrorCode Check(Call call, string groupId) => GroupChecks.Check(call, groupId, call.Cluster.Settings.ShareVersion);

    /// <summary>Whether offsets may be changed: nobody is in the group.</summary>
    internal static ErrorCode CheckEmpty(ShareGroup? group) => group switch
    {
        null => ErrorCode.GroupIdNotFound,
        { IsEmpty: false } => ErrorCode.NonEmptyGroup,
        _ => ErrorCode.None,
    };
}
