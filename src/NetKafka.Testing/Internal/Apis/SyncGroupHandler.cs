using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>SyncGroup, every version.</summary>
sealed class SyncGroupHandler : ApiHandler<SyncGroupRequest, SyncGroupResponse>
{
    internal override SyncGroupResponse Fail(Call<SyncGroupRequest, SyncGroupResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<SyncGroupRequest, SyncGroupResponse> call, long nowMs)
    {
        var groups = call.Cluster.Groups;
        var error = groups.Check(call.Request.GroupId, call.Broker);
        if (error != ErrorCode.None)
            ClassicGroup.Refuse(call, error);
        else if (call.Version >= 5 && (call.Request.ProtocolType is null || call.Request.ProtocolName is null))
            ClassicGroup.Refuse(call, ErrorCode.InconsistentGroupProtocol);
        else if (groups.Find(call.Request.GroupId) is { } group)
            group.Sync(call, nowMs);
        else
            ClassicGroup.Refuse(call, ErrorCode.UnknownMemberId);
    }
}
