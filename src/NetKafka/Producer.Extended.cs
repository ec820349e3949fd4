using NetKafka.Internal.Producing;
using NetKafka.Internal.Runtime;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Serialization;

namespace NetKafka;

/// <summary>
/// The way of a record where interceptors look on or a serializer may have to wait. The plain way knows nothing of either, and is as fast as
/// it is without them.
/// </summary>
public sealed partial class Producer<TKey, TValue>
{
    // What the runtime's timers can count.
    static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(int.MaxValue);

    TimeSpan SerializerPatience => _maxBlock < LongestWait ? _maxBlock : LongestWait;

    ValueTask<RecordMetadata> ProduceExtended(ProducerRecord<TKey, TValue> record, CancellationToken cancellation)
    {
        if (_interceptors.Length == 0)
            return ProduceSerialized(record, cancellation);
        var outcome = new TaskCompletionSource<RecordMetadata>();
        var told = new Intercepted(this, SetOutcome, null, outcome);
        return AwaitOutcomeAsync(PostIntercepted(record, told, cancellation), outcome.Task, cancellation);
    }

    ValueTask PostExtended(ProducerRecord<TKey, TValue> record, DeliveryCallback? callback, object? state, CancellationToken cancellation) =>
        _interceptors.Length == 0
            ? PostSerialized(record, callback, state, cancellation)
            : PostIntercepted(record, new Intercepted(this, callback, state, state), cancellation);

    bool TryPostExtended(ProducerRecord<TKey, TValue> record, DeliveryCallback? callback, object? state, long nowMs)
    {
        if (_interceptors.Length == 0)
            return TryPostSerialized(record, callback, state, nowMs);
        var told = new Intercepted(this, callback, state, state);
        var seen = Intercept(record);
        Check(seen);
        try
        {
            return TryPostSerialized(seen, Intercepted.OnDelivered, told, nowMs);
        }
        catch (KafkaException error)
        {
            told.TellRefusal(seen, nowMs, error);
            throw;
        }
    }

    /// <summary>As many posts, one after another.</summary>
    async ValueTask PostEachAsync(
        ValueTask first, ReadOnlyMemory<ProducerRecord<TKey, TValue>> rest, DeliveryCallback? callback, object? state, CancellationToken cancellation)
    {
        await _runtime.Enter();
        await first;
        for (var i = 0; i < rest.Length; i++)
            await PostAsync(rest.Span[i], callback, state, cancellation);
    }

    static void SetOutcome(DeliveryReport report)
    {
        var outcome = (TaskCompletionSource<RecordMetadata>)report.State!;
        if (report.Error is not { } error)
        {
            outcome.TrySetResult(report.Metadata);
            return;
        }
        outcome.TrySetException(error);
        // Nobody may look at it.
        _ = outcome.Task.Exception;
    }

    async ValueTask<RecordMetadata> AwaitOutcomeAsync(ValueTask posting, Task<RecordMetadata> outcome, CancellationToken cancellation)
    {
        await _runtime.Enter();
        await posting;
        return await outcome.WaitAsync(cancellation);
    }

    ValueTask PostIntercepted(ProducerRecord<TKey, TValue> record, Intercepted told, CancellationToken cancellation)
    {
        var seen = Intercept(record);
        ValueTask posting;
        try
        {
            Check(seen);
            posting = PostSerialized(seen, Intercepted.OnDelivered, told, cancellation);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }
        return posting.IsCompletedSuccessfully ? posting : TellRefusalAsync(posting, seen, told);
    }

    async ValueTask TellRefusalAsync(ValueTask posting, ProducerRecord<TKey, TValue> record, Intercepted told)
    {
        await _runtime.Enter();
        try
        {
            await posting;
        }
        catch (KafkaException error)
        {
            told.TellRefusal(record, _sender.UnixMilliseconds, error);
            throw;
        }
    }

    ProducerRecord<TKey, TValue> Intercept(ProducerRecord<TKey, TValue> record)
    {
        foreach (var interceptor in _interceptors)
        {
            try
            {
                record = interceptor.OnProduce(record);
            }
            catch (Exception error)
            {
                _sender.OnCallbackError(error);
            }
        }
        return record;
    }

    ValueTask<RecordMetadata> ProduceSerialized(ProducerRecord<TKey, TValue> record, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<RecordMetadata>(cancellation);
        if (_sender.Refusal is { } refusal)
            return ValueTask.FromException<RecordMetadata>(refusal());
        var scratch = _sender.Scratch.Rent();
        var serializing = SerializeAsync(record, _sender.UnixMilliseconds, scratch, cancellation);
        return serializing.IsCompletedSuccessfully && _turns.IsEmpty
            ? _sender.SendAsync(serializing.Result, scratch, cancellation)
            : AwaitSentAsync(ProduceInTurnAsync(_turns.Enter(), serializing.AsTask(), scratch, cancellation), cancellation);
    }

    /// <summary>A caller who gives up does not wait for the records before his own.</summary>
    async ValueTask<RecordMetadata> AwaitSentAsync(Task<RecordMetadata> sent, CancellationToken cancellation)
    {
        await _runtime.Enter();
        _ = ObserveAsync(sent);
        return await sent.WaitAsync(cancellation);
    }

    async Task<RecordMetadata> ProduceInTurnAsync(
        RecordTurns.Turn turn, Task<RecordData> serializing, GrowingBuffer scratch, CancellationToken cancellation)
    {
        await _runtime.Enter();
        ValueTask<RecordMetadata> sending;
        using (turn)
        {
            var data = await AwaitTurnAsync(turn, serializing, scratch, cancellation);
            sending = _sender.SendAsync(data, scratch, cancellation, turn.TakeTicket());
        }
        return await sending;
    }

    ValueTask PostSerialized(ProducerRecord<TKey, TValue> record, DeliveryCallback? callback, object? state, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellation);
        if (_sender.Refusal is { } refusal)
            return ValueTask.FromException(refusal());
        var scratch = _sender.Scratch.Rent();
        var serializing = SerializeAsync(record, _sender.UnixMilliseconds, scratch, cancellation);
        if (!serializing.IsCompletedSuccessfully || !_turns.IsEmpty)
            return AwaitPostedAsync(PostInTurnAsync(_turns.Enter(), serializing.AsTask(), callback, state, scratch, cancellation), cancellation);
        var data = serializing.Result;
        return _sender.PostAsync(data, new RecordCompletion(callback, state, data.TimestampMs), scratch, cancellation);
    }

    async ValueTask AwaitPostedAsync(Task posted, CancellationToken cancellation)
    {
        await _runtime.Enter();
        _ = ObserveAsync(posted);
        await posted.WaitAsync(cancellation);
    }

    async Task PostInTurnAsync(
        RecordTurns.Turn turn, Task<RecordData> serializing, DeliveryCallback? callback, object? state, GrowingBuffer scratch,
        CancellationToken cancellation)
    {
        await _runtime.Enter();
        ValueTask posting;
        using (turn)
        {
            var data = await AwaitTurnAsync(turn, serializing, scratch, cancellation);
            posting = _sender.PostAsync(data, new RecordCompletion(callback, state, data.TimestampMs), scratch, cancellation, turn.TakeTicket());
        }
        await posting;
    }

    /// <summary>Waits for the serializer, up to MaxBlock, and for the records before. Whatever becomes of the record, it ends in its turn.</summary>
    async Task<RecordData> AwaitTurnAsync(RecordTurns.Turn turn, Task<RecordData> serializing, GrowingBuffer scratch, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            await serializing.WaitAsync(SerializerPatience, _runtime.Options.TimeProvider, cancellation);
        }
        catch (TimeoutException late)
        {
            failure = new KafkaTimeoutException(
                $"A serializer did not end within {_maxBlock.TotalSeconds:0.###} s (MaxBlock): see what it waits for, or raise MaxBlock.", "serializer", late)
            {
                IsRetriable = true,
            };
        }
        catch (Exception error)
        {
            failure = error;
        }
        await turn.Before;
        if (failure is null && !_sender.IsPurged(turn.Number))
            return await serializing;
        failure ??= Purges.ForRecord(serializing.Result.Topic);
        _sender.OnRecordLost(failure, isAdmitted: true);
        // A serializer that still runs keeps the buffer.
        _ = GiveBackAsync(serializing, scratch);
        throw failure;
    }

    bool TryPostSerialized(ProducerRecord<TKey, TValue> record, DeliveryCallback? callback, object? state, long nowMs)
    {
        if (_sender.Refusal is { } refusal)
            throw refusal();
        var scratch = _sender.Scratch.Rent();
        var serializing = SerializeAsync(record, nowMs, scratch, CancellationToken.None);
        if (!serializing.IsCompleted || !_turns.IsEmpty)
        {
            _ = GiveBackAsync(serializing.AsTask(), scratch);
            return false;
        }
        try
        {
            var data = serializing.GetAwaiter().GetResult();
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

    async Task GiveBackAsync(Task<RecordData> serializing, GrowingBuffer scratch)
    {
        await ObserveAsync(serializing);
        GiveBack(scratch);
    }

    /// <summary>Waits for the end of what nobody else may wait for, whatever it is.</summary>
    async Task ObserveAsync(Task task)
    {
        await _runtime.Enter();
        try
        {
            await task;
        }
        catch (Exception)
        {
            // It was told, or nobody wants to know any more.
        }
    }

    /// <summary>Writes key and value, one behind the other. Where neither has to wait it is done when it returns.</summary>
    ValueTask<RecordData> SerializeAsync(ProducerRecord<TKey, TValue> record, long nowMs, GrowingBuffer scratch, CancellationToken cancellation)
    {
        try
        {
            var key = WriteKeyAsync(record, scratch, cancellation);
            if (!key.IsCompletedSuccessfully)
                return SerializeRestAsync(key, record, nowMs, scratch, cancellation);
            var keyBytes = scratch.Length;
            var value = WriteValueAsync(record, scratch, cancellation);
            return value.IsCompletedSuccessfully
                ? new ValueTask<RecordData>(DataOf(record, nowMs, scratch, keyBytes))
                : FinishAsync(value, record, nowMs, scratch, keyBytes);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<RecordData>(error);
        }
    }

    async ValueTask<RecordData> SerializeRestAsync(
        ValueTask key, ProducerRecord<TKey, TValue> record, long nowMs, GrowingBuffer scratch, CancellationToken cancellation)
    {
        await _runtime.Enter();
        await key;
        var keyBytes = scratch.Length;
        await WriteValueAsync(record, scratch, cancellation);
        return DataOf(record, nowMs, scratch, keyBytes);
    }

    async ValueTask<RecordData> FinishAsync(ValueTask value, ProducerRecord<TKey, TValue> record, long nowMs, GrowingBuffer scratch, int keyBytes)
    {
        await _runtime.Enter();
        await value;
        return DataOf(record, nowMs, scratch, keyBytes);
    }

    RecordData DataOf(in ProducerRecord<TKey, TValue> record, long nowMs, GrowingBuffer scratch, int keyBytes)
    {
        var bytes = scratch.WrittenMemory;
        return new RecordData(
            record.Topic, record.Partition ?? -1, record.Timestamp?.ToUnixTimeMilliseconds() ?? nowMs, bytes[..keyBytes], _keys.IsNull(record.Key),
            bytes[keyBytes..], _values.IsNull(record.Value), record.Headers);
    }

    ValueTask WriteKeyAsync(in ProducerRecord<TKey, TValue> record, GrowingBuffer scratch, CancellationToken cancellation) => _keys.IsNull(record.Key)
        ? ValueTask.CompletedTask
        : WriteAsync(_keys, record.Key, new SerializationContext(record.Topic, true, record.Headers), scratch, cancellation);

    ValueTask WriteValueAsync(in ProducerRecord<TKey, TValue> record, GrowingBuffer scratch, CancellationToken cancellation) => _values.IsNull(record.Value)
        ? ValueTask.CompletedTask
        : WriteAsync(_values, record.Value, new SerializationContext(record.Topic, false, record.Headers), scratch, cancellation);

    ValueTask WriteAsync<T>(
        ISerializer<T> serializer, T value, SerializationContext context, GrowingBuffer scratch, CancellationToken cancellation)
    {
        var what = context.IsKey ? "key" : "value";
        if (serializer is not IAsyncSerializer<T> patient)
        {
            Write(serializer, value, scratch, what, context.Topic);
            return ValueTask.CompletedTask;
        }
        ValueTask writing;
        try
        {
            writing = patient.SerializeAsync(value, context, scratch, cancellation);
        }
        catch (Exception error) when (error is not (KafkaSerializationException or OperationCanceledException))
        {
            throw NotWritten(serializer, what, context.Topic, error);
        }
        return writing.IsCompletedSuccessfully ? writing : AwaitWritingAsync(writing, serializer, what, context.Topic, cancellation);
    }

    async ValueTask AwaitWritingAsync(ValueTask writing, object serializer, string what, string topic, CancellationToken cancellation)
    {
        await _runtime.Enter();
        try
        {
            await writing;
        }
        catch (Exception error) when (error is not KafkaSerializationException && !(error is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            throw NotWritten(serializer, what, topic, error);
        }
    }

    /// <summary>A record on which interceptors look.</summary>
    /// <param name="producer">Whose.</param>
    /// <param name="callback">Told behind them.</param>
    /// <param name="state">What its caller gave with it.</param>
    /// <param name="callbackState">What the callback is given.</param>
    sealed class Intercepted(Producer<TKey, TValue> producer, DeliveryCallback? callback, object? state, object? callbackState)
    {
        public static DeliveryCallback OnDelivered { get; } = static report => ((Intercepted)report.State!).Deliver(report);

        /// <summary>The record was refused before it was buffered; its caller learns it otherwise.</summary>
        public void TellRefusal(in ProducerRecord<TKey, TValue> record, long nowMs, KafkaException error) => Tell(new DeliveryReport(
            new RecordMetadata(record.Topic, record.Partition ?? -1, -1, record.Timestamp?.ToUnixTimeMilliseconds() ?? nowMs), error, state));

        void Deliver(DeliveryReport report)
        {
            Tell(report with { State = state });
            callback?.Invoke(report with { State = callbackState });
        }

        void Tell(in DeliveryReport report)
        {
            foreach (var interceptor in producer._interceptors)
            {
                try
                {
                    interceptor.OnOutcome(report);
                }
                catch (Exception error)
                {
                    producer._sender.OnCallbackError(error);
                }
            }
        }
    }
}
