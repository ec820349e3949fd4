using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.Simulation.Tests.Engine;

/// <summary>
/// Runs user code of one client on the scheduler: items begin in order, at a moment that chance chooses; the client's own later
/// work comes in any order, as on a pool.
/// </summary>
sealed class SimDispatcher : IDispatcher
{
    static readonly SendOrPostCallback RunAction = static action => ((Action)action!)();
    static readonly SendOrPostCallback RunNext = static self => ((SimDispatcher)self!)._items.Dequeue().Run();

    readonly SimScheduler _scheduler;
    readonly Queue<Dispatch> _items = new();

    public SimDispatcher(SimScheduler scheduler) => _scheduler = scheduler;

    // An await that comes back here is already where later work runs; leaving it to chance finds more orders.
    public bool IsHome => false;

    public void Queue(Dispatch item)
    {
        _items.Enqueue(item);
        _scheduler.Post(WorkKind.Dispatch, RunNext, this);
    }

    public void RunLater(Action work) => _scheduler.Post(WorkKind.Later, RunAction, work);
}
