namespace NetKafka;

/// <summary>
/// A transaction cannot go on as it is. <see cref="Remedy"/> tells what helps; the error that it comes from, if there is one, is the
/// inner exception.
/// </summary>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="remedy">What helps.</param>
/// <param name="inner">What caused it, if anything did.</param>
public sealed class TransactionException(string message, TransactionRemedy remedy, Exception? inner = null) : KafkaException(message, inner)
{
    /// <summary>What helps.</summary>
    public TransactionRemedy Remedy { get; } = remedy;
}
