using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;

namespace NetKafka;

/// <summary>Interceptors, and deserializers that may have to wait.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    readonly Extension? _extension;

    bool MayWait => _extension is { MayWait: true };

    /// <summary>Waits for what is missing of a record.</summary>
    /// <exception cref="KafkaSerializationException">Its key or value cannot be read.</exception>
    ValueTask<ConsumerRecord<TKey, TValue>> CompleteAsync(in ConsumerRecord<TKey, TValue> record, PendingRecord pending, CancellationToken cancellation) =>
        _extension!.CompleteAsync(record, (WaitingRecord)pending, cancellation);

    /// <summary>Says whose token ends what is waited for, before reading begins.</summary>
    void WaitUnder(CancellationToken cancellation)
    {
        if (_extension is not null)
            _extension.Cancellation = cancellation;
    }

    /// <summary>A record with what is waited for.</summary>
    sealed class WaitingRecord(ChunkReader batch, in RecordSlice slice, ValueTask<TKey> key, ValueTask<TValue> value) : PendingRecord(batch, slice)
    {
        public ValueTask<TKey> Key => key;

        public ValueTask<TValue> Value => value;
    }

    /// <summary>Makes records that others look on, or that are waited for.</summary>
    sealed class Extension(
        IDeserializer<TKey> keys, IDeserializer<TValue> values, ConsumerInterceptor<TKey, TValue>[] interceptors, Action<Exception> onError)
        : RecordExtension<TKey, TValue>
    {
        public bool MayWait { get; } = keys is IAsyncDeserializer<TKey> || values is IAsyncDeserializer<TValue>;

        public CancellationToken Cancellation { get; set; }

        public override ConsumerRecord<TKey, TValue> Make(ChunkReader batch, ReadOnlySpan<byte> body, in RecordSlice slice)
        {
            Pending = null;
            var key = Begin(keys, batch, body, slice.KeyPosition, slice.KeyLength, slice, isKey: true);
            var value = Begin(values, batch, body, slice.ValuePosition, slice.ValueLength, slice, isKey: false);
            var isComplete = key.IsCompletedSuccessfully && value.IsCompletedSuccessfully;
            var record = new ConsumerRecord<TKey, TValue>(
                batch.Source, slice, batch.BodyStart, batch.Header.PartitionLeaderEpoch, batch.Header.TimestampType,
                isComplete ? key.Result : default!, isComplete ? value.Result : default!);
            if (isComplete)
                return Intercept(record);
            Pending = new WaitingRecord(batch, slice, key, value);
            return record;
        }

        public async ValueTask<ConsumerRecord<TKey, TValue>> CompleteAsync(
            ConsumerRecord<TKey, TValue> record, WaitingRecord pending, CancellationToken cancellation)
        {
            var isKey = true;
            try
            {
                var key = await pending.Key;
                isKey = false;
                return Intercept(record.With(key, await pending.Value));
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                throw RecordMaker<TKey, TValue>.Unreadable(error, pending.Partition, pending.Source, pending.BodyStart, pending.Slice, isKey);
            }
        }

        ValueTask<T> Begin<T>(
            IDeserializer<T> format, ChunkReader batch, ReadOnlySpan<byte> body, int position, int length, in RecordSlice slice, bool isKey)
        {
            if (format is not IAsyncDeserializer<T> waiting || length < 0)
                return new ValueTask<T>(RecordMaker<TKey, TValue>.ReadOrView(format, batch, body, position, length, slice, isKey));
            try
            {
                return waiting.DeserializeAsync(
                    batch.Source.Slice(batch.BodyStart + position, length),
                    new DeserializationContext(batch.Source, batch.BodyStart + slice.HeadersPosition, slice.HeaderCount, isKey), Cancellation);
            }
            catch (Exception error)
            {
                return ValueTask.FromException<T>(error);
            }
        }

        ConsumerRecord<TKey, TValue> Intercept(ConsumerRecord<TKey, TValue> record)
        {
            foreach (var interceptor in interceptors)
            {
                try
                {
                    var seen = interceptor.OnConsume(record);
                    record = record.With(seen.Key, seen.Value);
                }
                catch (Exception error)
                {
                    onError(error);
                }
            }
            return record;
        }
    }
}
