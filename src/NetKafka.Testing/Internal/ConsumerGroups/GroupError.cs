using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>Why a heartbeat is refused; the default is that it is not.</summary>
readonly record struct GroupError(ErrorCode Code, string? Message)
{
    internal static GroupError None => default;

    internal bool IsNone => Code == ErrorCode.None;
}
