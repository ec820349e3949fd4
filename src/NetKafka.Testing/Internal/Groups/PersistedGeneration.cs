using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>What a broker writes of a group into its log: a whole generation, never one that is being formed.</summary>
sealed record PersistedGeneration(
    int Generation, string? ProtocolType, string? ProtocolName, string? LeaderId, PersistedMember[] Members);

/// <summary>One member of a written generation.</summary>
sealed record PersistedMember(
    string MemberId,
    string? InstanceId,
    string ClientId,
    int SessionTimeoutMs,
    int RebalanceTimeoutMs,
    JoinGroupRequest.JoinGroupRequestProtocol[] Protocols,
    byte[] Assignment)
{
    internal static PersistedMember Of(GroupMember member) => new(
        member.MemberId,
        member.InstanceId,
        member.ClientId,
        member.SessionTimeoutMs,
        member.RebalanceTimeoutMs,
        member.Protocols,
        member.Assignment);

    internal GroupMember ToMember() => new(MemberId, InstanceId)
    {
        ClientId = ClientId,
        SessionTimeoutMs = SessionTimeoutMs,
        RebalanceTimeoutMs = RebalanceTimeoutMs,
        Protocols = Protocols,
        Assignment = Assignment,
    };
}
