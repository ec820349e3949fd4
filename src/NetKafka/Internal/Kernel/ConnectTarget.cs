using System.Net;

namespace NetKafka.Internal.Kernel;

/// <summary>
/// Where a connection goes: the host as the broker advertises it and, unless the transport resolves by itself, the address
/// to try.
/// </summary>
sealed record ConnectTarget(string Host, int Port, IPAddress? Address)
{
    public override string ToString() => Address is null ? $"{Host}:{Port}" : $"{Host}:{Port} ({Address})";
}
