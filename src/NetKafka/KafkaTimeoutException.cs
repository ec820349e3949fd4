namespace NetKafka;

/// <summary>A call was not over by its deadline. <see cref="Stage"/> names what it was waiting for when the time ran out.</summary>
/// <param name="message">What was waited for, and which setting bounds it.</param>
/// <param name="stage">What ate the time.</param>
/// <param name="inner">The last failure before the deadline, if there was one.</param>
public sealed class KafkaTimeoutException(string message, string stage, Exception? inner = null) : KafkaException(message, inner)
{
    /// <summary>What the call was waiting for: "metadata", "buffer memory", "answer of the broker", …</summary>
    public string Stage { get; } = stage;

    /// <summary>Whether an item of an admin's call was sent, so that it may have been done all the same; false of what was never sent, and of other calls.</summary>
    public bool WasSent { get; init; }
}
