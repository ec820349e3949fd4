using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;

namespace NetKafka.Internal.Runtime;

/// <summary>Brings something to a producer's machine. A defect there ends the producer and not the client.</summary>
sealed class ProducerCall(ProducerMachine machine, Action<ProducerMachine> tell) : LoopCall
{
    public override void Run(Instant now, Effects effects)
    {
        try
        {
            tell(machine);
        }
        catch (Exception error) when (machine.TakeFault(error))
        {
        }
    }
}
