namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>Who is told what fetches of a share group bring, and what becomes of acknowledgements.</summary>
interface IShareFetchOwner
{
    /// <summary>Whether the application still waits for records: its wait may have been cancelled.</summary>
    bool IsWaiting { get; }

    /// <summary>There is something for the application.</summary>
    void OnArrival();

    /// <summary>A broker has said something of acknowledgements, or never will.</summary>
    /// <param name="batch">What was acknowledged.</param>
    /// <param name="offsets">The offsets, ascending; perhaps none.</param>
    /// <param name="error">Why they do not count; null where they do.</param>
    /// <param name="isRenewal">Whether it was their locks that were to be renewed.</param>
    void OnAcknowledged(AcquiredBatch batch, IReadOnlyList<long> offsets, KafkaException? error, bool isRenewal);

    /// <summary>Every session is closed.</summary>
    void OnSessionsClosed();
}
