namespace NetKafka.Internal.Kernel;

/// <summary>
/// User code that waits for its turn on the dispatcher. Everything that belongs to the outcome is set, and memory given
/// back, before <see cref="Run"/> is called.
/// </summary>
abstract class Dispatch
{
    /// <summary>
    /// Runs the user's code, never inside a turn. Where a callback of the item blocks, another thread calls this again and
    /// goes on with the rest, so what was begun must not be begun twice.
    /// </summary>
    public abstract void Run();

    /// <summary>
    /// Changes as the item gets on, where it calls back more than once: what still moves is slow and does not block, so
    /// nobody goes on with it. Asked from any thread.
    /// </summary>
    public virtual int Progress => 0;

    /// <summary>Whether the item calls back more than once, so that the first call may hold up the next.</summary>
    public virtual bool HasMany => false;

    /// <summary>
    /// Whether the user's code is brief as a rule: what tells of outcomes. What goes on with a loop over records is not.
    /// </summary>
    public virtual bool IsBrief => false;
}
