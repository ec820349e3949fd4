using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The calls that throw away what was not sent yet. What has a number may be in the log, and those behind it need it there: it goes its
/// way.
/// </summary>
sealed class Purges(Accumulator accumulator, BatchDeadlines deadlines, ProducerWaits waits)
{
    // Whoever copies a large record into its batch is done within microseconds.
    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(1);

    const string Reason = "it was purged before it was sent (PurgeAsync)";

    readonly List<Purge> _calls = [];

    public static ProduceException ForRecord(string topic) => new($"A record for {topic} was not delivered: {Reason}.", RecordFate.NotWritten);

    /// <summary>Whether it waits for records to leave their lines.</summary>
    public bool IsPending => _calls.Count > 0;

    public void Add(Call<bool> call)
    {
        accumulator.PurgedTo = accumulator.Waiting.Last;
        _calls.Add(new Purge(accumulator.PurgedTo, call));
    }

    /// <returns>When to go on; never where nothing is left to do, or somebody will say so.</returns>
    public Instant Poll(Instant now, Effects effects) => _calls.Count == 0 ? Instant.Never : EndAll(now, effects);

    public void FailAll(Func<Exception> error, Effects effects)
    {
        foreach (var purge in _calls)
            purge.Call.Fail(error(), effects);
        _calls.Clear();
    }

    Instant EndAll(Instant now, Effects effects)
    {
        // Before the look: who leaves his line from here on says so.
        accumulator.Waiting.IsAwaited = true;
        var first = accumulator.Waiting.First;
        waits.RouseRecords(effects);
        var next = Instant.Never;
        foreach (var purge in _calls)
        {
            if (first <= purge.Ticket)
                continue;
            // What has left its line by now may be in a batch.
            purge.Ordinal ??= accumulator.Incomplete.LastOrdinal;
            if (deadlines.EndUnsent(purge.Ordinal.Value, Reason, ErrorCode.None, now))
                purge.Call.Succeed(true, effects);
            else
                next = now + RetryAfter;
        }
        _calls.RemoveAll(static purge => purge.Call.IsAnswered);
        return next;
    }

    /// <summary>A call.</summary>
    /// <param name="ticket">The youngest record that waited when it came.</param>
    /// <param name="call">Who waits.</param>
    sealed class Purge(long ticket, Call<bool> call)
    {
        public long Ticket => ticket;

        public Call<bool> Call => call;

        /// <summary>The youngest batch once those records had left their lines; null before.</summary>
        public long? Ordinal { get; set; }
    }
}
