namespace NetKafka.Consuming;

/// <summary>What becomes of a record whose handler threw; see <see cref="ProcessingOptions.OnError"/>.</summary>
public enum ProcessingErrorAction
{
    /// <summary>Nothing more begins, and the call throws once what has begun is over. The record is not finished.</summary>
    Stop = 0,

    /// <summary>The record is finished. That is logged.</summary>
    Skip,

    /// <summary>
    /// The handler is called again, after <see cref="KafkaClientOptions.RetryBackoff"/>, which doubles with each time up to
    /// <see cref="KafkaClientOptions.RetryBackoffMax"/>. What has to be handled after the record waits meanwhile.
    /// </summary>
    Retry,
}
