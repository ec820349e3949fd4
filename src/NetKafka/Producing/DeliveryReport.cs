namespace NetKafka.Producing;

/// <summary>What became of a record that was posted.</summary>
/// <param name="Metadata">Where the record was written; of a record that failed only topic, partition and timestamp count.</param>
/// <param name="Error">
/// Why it failed, or null: a <see cref="ProduceException"/>, whose fate tells whether the record may be there all the same,
/// or a <see cref="KafkaAuthorizationException"/>.
/// </param>
/// <param name="State">The object that was given with the record.</param>
public readonly record struct DeliveryReport(RecordMetadata Metadata, KafkaException? Error, object? State)
{
    /// <summary>Whether the record was written and acknowledged as <see cref="ProducerOptions.Acks"/> asks.</summary>
    public bool IsDelivered => Error is null;
}
