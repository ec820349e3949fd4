using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Connections;

/// <summary>
/// The body of a response, without size and header. <see cref="Body"/> is valid during <see cref="BrokerRequest.OnAnswer"/>
/// only, unless the receiver takes a share of <see cref="Lease"/>.
/// </summary>
/// <param name="Body">The bytes after the response header.</param>
/// <param name="Version">The version of the message, the one it was asked in.</param>
/// <param name="Lease">The buffer that holds the bytes, where they have one of their own; else null: copy what must last.</param>
/// <param name="NodeId">The broker that answered.</param>
/// <param name="Now">When the answer came.</param>
readonly record struct Answer(ReadOnlyMemory<byte> Body, short Version, Lease? Lease, int NodeId, Instant Now);
