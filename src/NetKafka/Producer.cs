using System.Runtime.CompilerServices;
using NetKafka.Internal.Producing;
using NetKafka.Internal.Runtime;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Serialization;

namespace NetKafka;

/// <summary>
/// Writes records. They are gathered in batches, one batch a partition, and sent in the background; each record's outcome is
/// told to whoever awaits it or to its callback. With the default options a record that was acknowledged is in the topic
/// once, in the order of its partition, on all replicas that are in sync.
/// <para>
/// Safe from any thread; a program needs one for each cluster and pair of types. Made by
/// <c>KafkaClient.CreateProducer</c>.
/// </para>
/// </summary>
/// <typeparam name="TKey">The type of the keys; <see cref="Nothing"/> for records without keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed partial class Producer<TKey, TValue> : IRuntimeOwner, IDisposable
{
    // Past the close timeout only the loop's own turn is to be waited for.
    static readonly TimeSpan DisposeSlack = TimeSpan.FromSeconds(10);

    readonly ClientRuntime _runtime;
    readonly RecordSender _sender;
    readonly ISerializer<TKey> _keys;
    readonly ISerializer<TValue> _values;
    readonly TimeSpan _closeTimeout;
    readonly TimeSpan _maxBlock;
    readonly ProducerInterceptor<TKey, TValue>[] _interceptors;
    readonly RecordTurns _turns;
    readonly bool _isPlain;
    readonly bool _areKeysRaw;
    readonly bool _areValuesRaw;

    internal Producer(
        ClientRuntime runtime, ProducerOptions options, ISerializer<TKey>? keys, ISerializer<TValue>? values,
        IEnumerable<ProducerInterceptor<TKey, TValue>>? interceptors)
    {
        var settings = options.Validated(runtime.Options);
        _runtime = runtime;
        _keys = keys ?? Serdes.Default<TKey>();
        _values = values ?? Serdes.Default<TValue>();
        _areKeysRaw = _keys is MemorySerde or ByteArraySerde;
        _areValuesRaw = _values is MemorySerde or ByteArraySerde;
        _interceptors = [.. interceptors ?? []];
        _isPlain = _interceptors.Length == 0 && _keys is not IAsyncSerializer<TKey> && _values is not IAsyncSerializer<TValue>;
        (_closeTimeout, _maxBlock) = (settings.CloseTimeout, settings.MaxBlock);
        _sender = new RecordSender(runtime, settings);
        _turns = _sender.CreateTurns();
        runtime.Attach(this);
    }

    /// <summary>Writes a record and waits until it is acknowledged.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key, which chooses the partition; null for none.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellation">Ends the wait, never the record: once it is buffered it may be written all the same.</param>
    /// <returns>
    /// Where the record was written. Await it once; one that is not awaited is written too. With a
    /// <see cref="ProducerOptions.Linger"/> above zero a lone caller waits that long for others to join his batch.
    /// </returns>
    /// <exception cref="ProduceException">The record was not delivered; <see cref="ProduceException.Fate"/> tells what is known of it.</exception>
    /// <exception cref="KafkaTimeoutException">The topic was not known, or no buffer memory was free, within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="KafkaAuthorizationException">The cluster does not allow it.</exception>
    /// <exception cref="KafkaSerializationException">The key or the value could not be turned into bytes.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public ValueTask<RecordMetadata> ProduceAsync(string topic, TKey key, TValue value, CancellationToken cancellation = default) =>
        ProduceAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellation);

    /// <summary>As <see cref="ProduceAsync(string, TKey, TValue, CancellationToken)"/>, with headers, a timestamp or a partition.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellation">Ends the wait, never the record.</param>
    /// <returns>Where the record was written.</returns>
    public ValueTask<RecordMetadata> ProduceAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellation = default)
    {
        Check(record);
        if (!_isPlain)
            return ProduceExtended(record, cancellation);
        GrowingBuffer? scratch = null;
        try
        {
            var data = Serialize(record, _sender.UnixMilliseconds, ref scratch);
            return _sender.SendAsync(data, scratch, cancellation);
        }
        catch (Exception error)
        {
            _sender.OnRecordLost(error, isAdmitted: false);
            GiveBack(scratch);
            return ValueTask.FromException<RecordMetadata>(error);
        }
    }

    /// <summary>
    /// Puts a record into its batch and returns; a callback is told of its outcome. It waits only where the topic is not
    /// known yet, or <see cref="ProducerOptions.BufferMemory"/> or a broker's <see cref="ProducerOptions.BufferTime"/> is used
    /// up, and otherwise completes at once: this is the fastest way to write.
    /// </summary>
    /// <param name="record">The record. Its bytes are copied by the time that the task completes.</param>
    /// <param name="callback">Told of the outcome; null for a record whose failure is only logged.</param>
    /// <param name="state">An object for the callback, so that it needs no closure.</param>
    /// <param name="cancellation">Ends the wait; a record that is in its batch by then is written all the same.</param>
    /// <returns>Completes when the record is in its batch. Awaiting it keeps memory bounded; order is kept without it.</returns>
    /// <exception cref="ProduceException">The record is larger than <see cref="ProducerOptions.MaxRequestSize"/>.</exception>
    /// <exception cref="KafkaTimeoutException">The topic was not known, or no buffer memory was free, within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="KafkaAuthorizationException">The cluster does not tell of the topic.</exception>
    /// <exception cref="KafkaSerializationException">The key or the value could not be turned into bytes.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public ValueTask PostAsync(
        in ProducerRecord<TKey, TValue> record, DeliveryCallback? callback = null, object? state = null, CancellationToken cancellation = default)
    {
        Check(record);
        if (!_isPlain)
            return PostExtended(record, callback, state, cancellation);
        GrowingBuffer? scratch = null;
        try
        {
            var data = Serialize(record, _sender.UnixMilliseconds, ref scratch);
            return _sender.PostAsync(data, new RecordCompletion(callback, state, data.TimestampMs), scratch, cancellation);
        }
        catch (Exception error)
        {
            _sender.OnRecordLost(error, isAdmitted: false);
            GiveBack(scratch);
            return ValueTask.FromException(error);
        }
    }

    /// <summary>
    /// Sends every record that was produced so far, and waits until each is acknowledged or failed. It does not throw where
    /// one failed: its own task or callback says so.
    /// </summary>
    /// <param name="cancellation">Ends the wait; the records are sent all the same.</param>
    /// <returns>
    /// Completes when all have their outcome, at the latest after <see cref="ProducerOptions.MaxBlock"/> and
    /// <see cref="ProducerOptions.DeliveryTimeout"/> together.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        await _sender.FlushAsync(cancellation);
    }

    /// <summary>
    /// Takes no more records, and waits until those that were produced have their outcome, up to
    /// <see cref="ProducerOptions.CloseTimeout"/>; what is left then fails. The client and its connections stay.
    /// </summary>
    /// <returns>Completes when every record has its outcome.</returns>
    public async ValueTask DisposeAsync()
    {
        await _runtime.Enter();
        await _sender.CloseAsync();
        _runtime.Detach(this);
    }

    /// <summary>As <see cref="DisposeAsync"/>, and waits for it. Needs no context to run on.</summary>
    public void Dispose() => DisposeAsync().AsTask().Wait(_closeTimeout + DisposeSlack);

    void IRuntimeOwner.OnFault(Exception error) => _sender.Fault(error);

    static void Check(in ProducerRecord<TKey, TValue> record)
    {
        ArgumentException.ThrowIfNullOrEmpty(record.Topic, nameof(record.Topic));
        if (record.Partition < 0)
            throw new ArgumentOutOfRangeException(nameof(record), record.Partition, "A partition is numbered from 0; leave it null for one to be chosen.");
    }

    RecordData Serialize(in ProducerRecord<TKey, TValue> record, long nowMs, ref GrowingBuffer? scratch)
    {
        var timestampMs = record.Timestamp?.ToUnixTimeMilliseconds() ?? nowMs;
        var isKeyNull = _keys.IsNull(record.Key);
        var isValueNull = _values.IsNull(record.Value);
        ReadOnlyMemory<byte> key = default, value = default;
        if (!isKeyNull && _areKeysRaw)
            key = Raw(record.Key);
        if (!isValueNull && _areValuesRaw)
            value = Raw(record.Value);
        var keyBytes = -1;
        if (!isKeyNull && !_areKeysRaw)
        {
            scratch = _sender.Scratch.Rent();
            Write(_keys, record.Key, scratch, "key", record.Topic);
            keyBytes = scratch.Length;
        }
        if (!isValueNull && !_areValuesRaw)
        {
            scratch ??= _sender.Scratch.Rent();
            Write(_values, record.Value, scratch, "value", record.Topic);
            value = scratch.WrittenMemory[Math.Max(keyBytes, 0)..];
        }
        // Only now, since the buffer may have moved while it grew.
        if (keyBytes >= 0)
            key = scratch!.WrittenMemory[..keyBytes];
        return new RecordData(record.Topic, record.Partition ?? -1, timestampMs, key, isKeyNull, value, isValueNull, record.Headers);
    }

    static void Write<T>(ISerializer<T> serializer, T value, GrowingBuffer scratch, string what, string topic)
    {
        try
        {
            serializer.Serialize(value, scratch);
        }
        catch (Exception error) when (error is not KafkaSerializationException)
        {
            throw NotWritten(serializer, what, topic, error);
        }
    }

    static KafkaSerializationException NotWritten(object serializer, string what, string topic, Exception error) =>
        new($"The {what} of a record for {topic} could not be written by {serializer.GetType().Name}: {error.Message}", error);

    /// <summary>Bytes need no serializer. Only for the two types that the built-in ones take.</summary>
    static ReadOnlyMemory<byte> Raw<T>(T value) => typeof(T) == typeof(ReadOnlyMemory<byte>)
        ? Unsafe.As<T, ReadOnlyMemory<byte>>(ref value)
        : Unsafe.As<T, byte[]>(ref value);

    void GiveBack(GrowingBuffer? scratch)
    {
        if (scratch is not null)
            _sender.Scratch.Return(scratch);
    }
}
