using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Connections;

/// <summary>What all connections of a client share.</summary>
/// <param name="ClientId">The name that goes with every request.</param>
/// <param name="SetupTimeout">How long until a connection must be ready.</param>
/// <param name="MaxIdle">After how long without traffic it is closed; infinite keeps it.</param>
/// <param name="ReconnectBackoff">The pause after it broke.</param>
/// <param name="MaxResponseBytes">The largest answer that is taken.</param>
/// <param name="ResolvesHosts">Whether the transport takes host names, so that no addresses are needed.</param>
/// <param name="Pool">Where buffers for large answers come from.</param>
/// <param name="Random">The spread of the backoff.</param>
sealed record ConnectionSettings(
    string ClientId, TimeSpan SetupTimeout, TimeSpan MaxIdle, Backoff ReconnectBackoff, int MaxResponseBytes,
    bool ResolvesHosts, SlabPool Pool, RandomSource Random);
