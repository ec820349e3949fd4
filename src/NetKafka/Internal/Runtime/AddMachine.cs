using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>Brings a new machine among those that are polled.</summary>
sealed class AddMachine(MachineQueue machines, Machine machine) : LoopCall
{
    public override void Run(Instant now, Effects effects) => machines.Add(machine);
}
