namespace NetKafka.Internal.Producing.Transactions;

/// <summary>What follows from an answer.</summary>
enum TransactionVerdict
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>The same is asked again after a pause.</summary>
    Retry,

    /// <summary>The same is asked again of another broker.</summary>
    FindCoordinator,

    /// <summary>The transaction can only be aborted.</summary>
    Abort,

    /// <summary>The producer is over; a new one goes on.</summary>
    NewProducer,

    /// <summary>The producer is over.</summary>
    Over,
}
