namespace NetKafka.Internal.Kernel;

/// <summary>
/// User code that waits for its turn on the dispatcher. Everything that belongs to the outcome is set, and memory given
/// back, before <see cref="Run"/> is called.
/// </summary>
abstract class Dispatch
{
    /// <summary>Runs the user's code. Called once for each time that the item was dispatched, never inside a turn.</summary>
    public abstract void Run();
}
