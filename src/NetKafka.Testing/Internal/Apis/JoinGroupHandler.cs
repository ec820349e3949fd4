using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// JoinGroup, every version: member ids given before joining (KIP-394), static members, the choice of a protocol, the rebalance
/// timeout and the initial delay.
/// </summary>
sealed class JoinGroupHandler : ApiHandler<JoinGroupRequest, JoinGroupResponse>
{
    internal override JoinGroupResponse Fail(Call<JoinGroupRequest, JoinGroupResponse> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        ErrorCode = error,
        MemberId = call.Request.MemberId,
        ProtocolName = call.Version >= 7 ? null : "",
    };

    protected override void Handle(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs)
    {
        var groups = call.Cluster.Groups;
        var error = Check(call, groups);
        if (error != ErrorCode.None)
            ClassicGroup.Refuse(call, call.Request.MemberId, error);
        else
            groups.ForJoin(call.Request.GroupId).Join(call, nowMs);
    }

    static ErrorCode Check(Call<JoinGroupRequest, JoinGroupResponse> call, GroupCoordinator groups)
    {
        var request = call.Request;
        var settings = call.Cluster.Settings;
        if (request.GroupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        var error = groups.Check(request.GroupId, call.Broker);
        if (error != ErrorCode.None)
            return error;
        if (request.SessionTimeoutMs < settings.MinSessionTimeoutMs || request.SessionTimeoutMs > settings.MaxSessionTimeoutMs)
            return ErrorCode.InvalidSessionTimeout;
        return request.MemberId.Length > 0 && groups.Find(request.GroupId) is null or ConsumerGroup { IsEmpty: true }
            ? ErrorCode.UnknownMemberId
            : ErrorCode.None;
    }
}
