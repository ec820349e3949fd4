using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>Ends an owner: its machine is no longer polled, and what it has not answered yet fails.</summary>
sealed class EndOwner(MachineQueue machines, Machine machine, PendingCalls calls, Exception error) : LoopCall
{
    public override void Run(Instant now, Effects effects)
    {
        calls.FailAll(error, effects);
        machines.Remove(machine);
    }
}
