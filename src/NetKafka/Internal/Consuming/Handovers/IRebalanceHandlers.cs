using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Handovers;

/// <summary>The application's rebalance handlers, as machines see them.</summary>
interface IRebalanceHandlers
{
    /// <summary>
    /// The handler's run, to be dispatched; null where there is none. Its end is reported to
    /// <see cref="HandoverMachine.OnHandlerEnded"/> with the token.
    /// </summary>
    Dispatch? MakeRun(HandoverKind kind, IReadOnlyList<TopicPartition> partitions, int token);

    /// <summary>The run of a token is not waited for any longer.</summary>
    void Cancel(int token);
}
