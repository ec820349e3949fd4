namespace NetKafka.Internal.Kernel;

/// <summary>
/// A part of the client that decides: it is told events and the time, and answers with effects and with the moment at
/// which it wants to be asked again. It holds no clock, no socket, no lock, no logger and awaits nothing.
/// <para>
/// The contract: methods named On… take an event, change state and call <see cref="Wake"/>; <see cref="Poll"/> turns state
/// into effects. A poll without a new event has no effects, and its answer lies after <c>now</c>.
/// </para>
/// </summary>
abstract class Machine
{
    MachineQueue? _queue;

    /// <summary>Where the machine stands in the heap of deadlines; −1 when it has none.</summary>
    internal int HeapIndex = -1;

    /// <summary>When the machine wants to be asked again.</summary>
    internal Instant Due = Instant.Never;

    /// <summary>Whether the machine waits to be polled.</summary>
    internal bool IsReady;

    /// <summary>Asks for a poll in this turn. Called by the machine's own event methods, and by machines that changed what it sees.</summary>
    public void Wake() => _queue?.Wake(this);

    /// <summary>Turns what has happened into effects.</summary>
    /// <returns>When to ask again if nothing happens before: after <paramref name="now"/>, or never.</returns>
    public abstract Instant Poll(Instant now, Effects effects);

    /// <summary>
    /// An exception that nobody expected came out of this machine's code. A machine that serves one owner takes it: it ends
    /// every pending call of that owner with it and does nothing more. A shared one does not, and the client ends.
    /// </summary>
    /// <returns>Whether the fault stays with this machine.</returns>
    public virtual bool TakeFault(Exception error) => false;

    internal void Join(MachineQueue? queue) => _queue = queue;

    internal bool IsIn(MachineQueue queue) => _queue == queue;
}
