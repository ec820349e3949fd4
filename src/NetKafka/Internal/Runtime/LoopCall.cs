using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>Something that a caller wants done inside the turn, where machines may be touched.</summary>
abstract class LoopCall
{
    /// <summary>Tells the machines. State changes and wake-ups; what is answered on the spot goes to the effects.</summary>
    public abstract void Run(Instant now, Effects effects);
}
