namespace NetKafka.Internal.Runtime;

/// <summary>A producer, consumer or admin, as the runtime of its client knows it.</summary>
interface IRuntimeOwner : IAsyncDisposable
{
    /// <summary>A defect ended the client: every pending call of this owner must end with the error. From inside a turn.</summary>
    void OnFault(Exception error);
}
