using NetKafka.Consuming;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// Makes the records of a consumer on which interceptors look, or of which a key or value may have to be waited for. The plain way knows
/// nothing of either, and is as fast as if they did not exist.
/// </summary>
abstract class RecordExtension<TKey, TValue>
{
    /// <summary>What the record that was made last waits for; null if it is complete.</summary>
    public PendingRecord? Pending { get; set; }

    /// <exception cref="KafkaSerializationException">Its key or value cannot be read.</exception>
    public abstract ConsumerRecord<TKey, TValue> Make(ChunkReader batch, ReadOnlySpan<byte> body, in RecordSlice slice);
}
