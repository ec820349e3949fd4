using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Where user code runs: never inside a turn. Items begin in the order in which they were queued; one that blocks does not
/// hold up the rest.
/// </summary>
interface IDispatcher
{
    void Queue(Dispatch item);
}
