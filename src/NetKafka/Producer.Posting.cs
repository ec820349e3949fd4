using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;

namespace NetKafka;

/// <summary>Records without waiting, and many at a time.</summary>
public sealed partial class Producer<TKey, TValue>
{
    /// <summary>
    /// Puts a record into its batch, if that needs no waiting. Where it returns false,
    /// <see cref="PostAsync(in ProducerRecord{TKey, TValue}, DeliveryCallback?, object?, CancellationToken)"/> waits for what
    /// is missing.
    /// </summary>
    /// <param name="record">The record. Its bytes are copied by the time that the call returns.</param>
    /// <param name="callback">Told of the outcome; null for a record whose failure is only logged.</param>
    /// <param name="state">An object for the callback, so that it needs no closure.</param>
    /// <returns>
    /// False, with nothing done, if the topic is not known yet, <see cref="ProducerOptions.BufferMemory"/> or the broker's
    /// <see cref="ProducerOptions.BufferTime"/> is used up, a serializer has to wait, or records that were produced before still wait.
    /// </returns>
    /// <exception cref="ProduceException">The record is larger than <see cref="ProducerOptions.MaxRequestSize"/>.</exception>
    /// <exception cref="KafkaSerializationException">The key or the value could not be turned into bytes.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public bool TryPost(in ProducerRecord<TKey, TValue> record, DeliveryCallback? callback = null, object? state = null) =>
        TryPost(record, callback, state, _sender.UnixMilliseconds);

    /// <summary>As <see cref="TryPost(in ProducerRecord{TKey, TValue}, DeliveryCallback?, object?)"/>, for many, in order.</summary>
    /// <param name="records">The records. Those without a timestamp get one and the same.</param>
    /// <param name="callback">Told of the outcome of each.</param>
    /// <param name="state">An object for the callback.</param>
    /// <returns>How many were taken: all, or those before the first that would have had to wait.</returns>
    /// <exception cref="ProduceException">A record is too large; those before it were taken.</exception>
    /// <exception cref="KafkaSerializationException">A record could not be turned into bytes; those before it were taken.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public int TryPost(ReadOnlySpan<ProducerRecord<TKey, TValue>> records, DeliveryCallback? callback = null, object? state = null)
    {
        var nowMs = _sender.UnixMilliseconds;
        var taken = 0;
        while (taken < records.Length && TryPost(records[taken], callback, state, nowMs))
            taken++;
        return taken;
    }

    /// <summary>
    /// As <see cref="PostAsync(in ProducerRecord{TKey, TValue}, DeliveryCallback?, object?, CancellationToken)"/>, for many,
    /// in order.
    /// </summary>
    /// <param name="records">The records. They must not change before the task completes.</param>
    /// <param name="callback">Told of the outcome of each that was taken.</param>
    /// <param name="state">An object for the callback.</param>
    /// <param name="cancellation">Ends the wait; records that are in their batches by then are written all the same.</param>
    /// <returns>Completes when all are in their batches.</returns>
    /// <exception cref="ProduceException">A record is too large; those before it were taken.</exception>
    /// <exception cref="KafkaTimeoutException">A topic was not known, or no buffer memory was free, within <see cref="ProducerOptions.MaxBlock"/>; the records before it were taken.</exception>
    /// <exception cref="KafkaAuthorizationException">The cluster does not tell of a topic.</exception>
    /// <exception cref="KafkaSerializationException">A record could not be turned into bytes; those before it were taken.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public ValueTask PostAsync(
        ReadOnlyMemory<ProducerRecord<TKey, TValue>> records, DeliveryCallback? callback = null, object? state = null,
        CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellation);
        if (records.IsEmpty)
            return ValueTask.CompletedTask;
        if (!_isPlain)
            return PostEachAsync(PostAsync(records.Span[0], callback, state, cancellation), records[1..], callback, state, cancellation);
        try
        {
            var taken = TryPost(records.Span, callback, state);
            return taken == records.Length ? ValueTask.CompletedTask : PostRestAsync(records[taken..], callback, state, cancellation);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }
    }

    async ValueTask PostRestAsync(
        ReadOnlyMemory<ProducerRecord<TKey, TValue>> records, DeliveryCallback? callback, object? state, CancellationToken cancellation)
    {
        await _runtime.Enter();
        while (records.Length > 0)
        {
            // The one that has to wait does so; the others may find room after it.
            await PostAsync(records.Span[0], callback, state, cancellation);
            records = records[1..];
            records = records[TryPost(records.Span, callback, state)..];
        }
    }

    bool TryPost(in ProducerRecord<TKey, TValue> record, DeliveryCallback? callback, object? state, long nowMs)
    {
        Check(record);
        if (!_isPlain)
            return TryPostExtended(record, callback, state, nowMs);
        GrowingBuffer? scratch = null;
        try
        {
            var data = Serialize(record, nowMs, ref scratch);
            return _sender.TryPost(data, new RecordCompletion(callback, state, data.TimestampMs));
        }
        catch (KafkaException error)
        {
            _sender.OnRecordLost(error, isAdmitted: false);
            throw;
        }
        finally
        {
            GiveBack(scratch);
        }
    }
}
