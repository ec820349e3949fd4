using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>What a producer needs of its surroundings outside the turn. Safe from any thread.</summary>
interface IProducerHost
{
    /// <summary>The monotonic time.</summary>
    Instant Now { get; }

    /// <summary>Makes the signal of a partition, which calls <see cref="ProducerMachine.OnSignal"/> inside a turn.</summary>
    IPartitionSignal CreateSignal(PartitionQueue queue);

    /// <summary>Callers that wait for buffer memory may go on: <see cref="ProducerMachine.OnWaitEnded"/> is called inside a turn.</summary>
    void OnRoomMade();

    /// <summary>Reports what a callback of the user threw.</summary>
    void OnCallbackError(Exception error);
}
