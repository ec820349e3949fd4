namespace NetKafka;

/// <summary>The cluster refused an operation for want of permission. Trying again does not help until an ACL is changed.</summary>
/// <param name="message">Which operation on which resource was denied.</param>
public sealed class KafkaAuthorizationException(string message) : KafkaException(message);
