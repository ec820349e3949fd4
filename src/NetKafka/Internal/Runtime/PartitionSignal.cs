using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;

namespace NetKafka.Internal.Runtime;

/// <summary>Brings a partition to the notice of its machine. One object for each partition, used again for every signal.</summary>
sealed class PartitionSignal(ClientRuntime runtime, ProducerMachine machine, PartitionQueue queue) : LoopCall, IPartitionSignal
{
    int _isRaised;

    public void Raise()
    {
        if (Interlocked.Exchange(ref _isRaised, 1) == 0)
            runtime.Post(this);
    }

    public override void Run(Instant now, Effects effects)
    {
        // What is signalled from here on is not in what the machine sees now.
        Interlocked.Exchange(ref _isRaised, 0);
        try
        {
            machine.OnSignal(queue, now);
        }
        catch (Exception error) when (machine.TakeFault(error))
        {
        }
    }
}
