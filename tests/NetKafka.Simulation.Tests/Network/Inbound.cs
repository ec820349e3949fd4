namespace NetKafka.Simulation.Tests.Network;

/// <summary>Bytes on their way to a client; none for the end of the stream.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="ThrottleMs">For how long the client is to send nothing once it has all of them.</param>
readonly record struct Inbound(ReadOnlyMemory<byte> Bytes, int ThrottleMs = 0);
