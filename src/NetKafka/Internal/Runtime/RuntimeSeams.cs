using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>What a client is given from outside, so that a simulation can give it something else.</summary>
/// <param name="Transport">The way to the brokers.</param>
/// <param name="Random">Chance.</param>
/// <param name="Dispatcher">Where user code runs; null for the thread pool.</param>
sealed record RuntimeSeams(ITransport Transport, RandomSource Random, IDispatcher? Dispatcher = null);
