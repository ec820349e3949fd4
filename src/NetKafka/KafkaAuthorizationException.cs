using NetKafka.Producing;

namespace NetKafka;

/// <summary>The cluster refused an operation for want of permission. Trying again does not help until an ACL is changed.</summary>
/// <param name="message">Which operation on which resource was denied.</param>
public sealed class KafkaAuthorizationException(string message) : KafkaException(message)
{
    /// <summary>
    /// Of a record that was not delivered: whether it is certainly not in the topic, or may be there all the same, since an earlier
    /// attempt had no answer before the permission was taken away. Null where no record was to be written.
    /// </summary>
    public RecordFate? Fate { get; init; }
}
