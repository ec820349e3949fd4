using NetKafka.Producing;

namespace NetKafka.Internal.Producing;

/// <summary>
/// A record whose sender awaits it. The outcome is set first and can be read from then on; the continuation is run after,
/// once the outcomes of the whole batch are set.
/// </summary>
abstract class AwaitedRecord
{
    public abstract void Complete(in RecordMetadata metadata);

    public abstract void Fail(Exception error);

    /// <summary>Whether the sender's wait is over already.</summary>
    public abstract bool IsOver { get; }

    public abstract void RunContinuation();
}
