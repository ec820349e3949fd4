using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing.Transactions;

/// <summary>The producer, as its transactions see it.</summary>
interface ITransactionOwner
{
    /// <summary>Whether every record that was taken has its outcome.</summary>
    bool IsFlushed { get; }

    /// <summary>Whether records are taken from now on; until then whoever sends some is told why not.</summary>
    /// <param name="refusal">Why not; null where they are.</param>
    void SetRefusal(Func<Exception>? refusal);

    /// <summary>Batches may go that could not before.</summary>
    void OnMaySend();

    /// <summary>Ends what is not under way: what was not sent, and what waits to be sent again.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="code">The error behind it.</param>
    /// <param name="isRetriable">Whether the same may succeed in another transaction.</param>
    /// <param name="now">The time.</param>
    /// <returns>False where a caller is at work on something; to be asked again.</returns>
    bool EndUnsent(string reason, ErrorCode code, bool isRetriable, Instant now);

    /// <summary>The machine is to be polled.</summary>
    void Wake();

    /// <summary>The machine that a defect in an answer's code ends.</summary>
    Machine Machine { get; }
}
