using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;

namespace NetKafka.Internal.Runtime;

/// <summary>Brings something to the transactions of a producer. A defect there ends the producer and not the client.</summary>
sealed class TransactionCall(ProducerMachine machine, Action<Instant, Effects> tell) : LoopCall
{
    public override void Run(Instant now, Effects effects)
    {
        try
        {
            tell(now, effects);
        }
        catch (Exception error) when (machine.TakeFault(error))
        {
        }
    }
}
