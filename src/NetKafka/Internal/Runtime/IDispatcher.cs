using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Where user code runs: never inside a turn. Items begin in the order in which they were queued; one that blocks does not
/// hold up the rest.
/// </summary>
interface IDispatcher
{
    void Queue(Dispatch item);

    /// <summary>As <see cref="Queue"/>, inside a turn, which is followed by <see cref="Start"/>.</summary>
    void QueueInTurn(Dispatch item) => Queue(item);

    /// <summary>After a turn: sees to it that what was queued runs.</summary>
    /// <param name="lender">Who lends this thread for what is brief; null for a thread that runs no user code.</param>
    /// <param name="isAwaited">Whether something is expected for which the lender will want the thread back.</param>
    void Start(IThreadLender? lender, bool isAwaited = true)
    {
    }

    /// <summary>The lender will want a thread back that is lent, or is about to be: it is not to be kept for long.</summary>
    void Watch(IThreadLender lender)
    {
    }

    /// <summary>Runs the client's own code later, apart from the items of users: the rest of a turn, the rest of a call.</summary>
    void RunLater(Action work);

    /// <summary>Whether the caller already runs where <see cref="RunLater"/> would run it, with no context of its own.</summary>
    bool IsHome { get; }
}
