using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>What a member that speaks the classic protocol in a group of the consumer protocol has asked for besides.</summary>
/// <param name="SessionTimeoutMs">Its own session timeout.</param>
/// <param name="Protocols">The protocols it can, the first of which it is told to use; it gets no say in who has what.</param>
sealed record ClassicMembership(int SessionTimeoutMs, JoinGroupRequest.JoinGroupRequestProtocol[] Protocols)
{
    internal string ProtocolName => Protocols[0].Name;

    /// <summary>What it said with the first protocol.</summary>
    internal byte[] Metadata => Protocols[0].Metadata;
}
