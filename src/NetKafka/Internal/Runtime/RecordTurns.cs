using NetKafka.Internal.Producing;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// The order in which records were produced that wait for their serializers: each is put into its batch after those before it. They count as
/// records that wait for a batch, so that a flush, the end of a transaction and the end of the producer wait for them. Safe from any thread.
/// </summary>
/// <param name="waiting">All records that wait.</param>
/// <param name="onLeft">Told where somebody waits for records to leave.</param>
sealed class RecordTurns(WaitingRecords waiting, Action onLeft)
{
    readonly Lock _gate = new();
    Task _last = Task.CompletedTask;

    /// <summary>Whether nobody waits, so that a record may go at once.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _last.IsCompleted;
        }
    }

    public Turn Enter()
    {
        lock (_gate)
        {
            var turn = new Turn(this, _last, waiting.Add());
            _last = turn.Over;
            return turn;
        }
    }

    /// <summary>The turn of one record.</summary>
    public sealed class Turn(RecordTurns turns, Task before, LinkedListNode<long> ticket) : IDisposable
    {
        // The next one's continuation must not run here, where the caller of this one may be blocked by it.
        readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<long>? _ticket = ticket;

        /// <summary>Ends when the records before it are in, or have failed.</summary>
        public Task Before => before;

        public Task Over => _over.Task;

        /// <summary>Its place among all records that wait.</summary>
        public long Number { get; } = ticket.Value;

        /// <summary>Hands its place over to whoever puts the record into its batch.</summary>
        public LinkedListNode<long> TakeTicket()
        {
            var taken = _ticket!;
            _ticket = null;
            return taken;
        }

        /// <summary>The record is on its way into its batch, or has failed: the next may go.</summary>
        public void Dispose()
        {
            if (_ticket is { } kept)
                turns.Leave(kept);
            _over.TrySetResult();
        }
    }

    void Leave(LinkedListNode<long> ticket)
    {
        waiting.Remove(ticket);
        if (waiting.IsAwaited)
            onLeft();
    }
}
