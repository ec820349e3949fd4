using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>One call of the admin as tests make it that hold for all: what it asks, of whom, and how it ended for each of its items.</summary>
/// <param name="Api">The request that it sends.</param>
/// <param name="Concerns">Which broker that is for.</param>
/// <param name="Make">Makes the call; the errors of its items, null where there is none.</param>
sealed record AdminCall(ApiKey Api, AdminCall.Broker Concerns, Func<Admin, CancellationToken, Task<IEnumerable<KafkaException?>>> Make)
{
    /// <summary>Whether an older request is sent instead to a broker that does not know this one.</summary>
    public bool HasFallback { get; init; }

    public enum Broker
    {
        Any,
        Controller,
        GroupCoordinator,
        TransactionCoordinator,
        Leader,
    }
}
