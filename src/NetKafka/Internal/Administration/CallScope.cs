using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Administration;

/// <summary>How long a call goes on. One of several steps gives each of them what is left of its time.</summary>
/// <param name="Cancellation">Ends the wait.</param>
/// <param name="Deadline">When it is over; null for a whole call's time from now on.</param>
readonly record struct CallScope(CancellationToken Cancellation, Instant? Deadline)
{
    public static implicit operator CallScope(CancellationToken cancellation) => new(cancellation, null);
}
