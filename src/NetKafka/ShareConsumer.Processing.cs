using NetKafka.Consuming;
using NetKafka.Diagnostics;

namespace NetKafka;

/// <summary>Work on many records at a time.</summary>
public sealed partial class ShareConsumer<TKey, TValue>
{
    volatile Processor? _processor;

    /// <summary>
    /// Works through the queue: hands each record to a handler, many at a time and in no order. One whose handler ends is accepted; one whose handler
    /// throws is released for another try, unless <see cref="ShareProcessingOptions.OnError"/> decides otherwise. While a handler runs, the lock
    /// of its record is renewed (KIP-1222), up to <see cref="ShareProcessingOptions.MaxHandlingTime"/>. A handler's keys, values and headers live
    /// until it has ended.
    /// <para>
    /// With <see cref="ShareAcknowledgementMode.Explicit"/> a handler may also say itself what becomes of its record, which then stands.
    /// </para>
    /// <para>
    /// The call runs until its token ends it, or an error, or the consumer is disposed. Then nothing more begins, and what has begun has three
    /// quarters of <see cref="ShareConsumerOptions.CloseTimeout"/> to end by itself; after that its tokens end, and at the timeout the call is over,
    /// whether or not a handler still runs. What has become of records is sent before. The same call may be made again.
    /// </para>
    /// </summary>
    /// <param name="handler">
    /// Works on a record. It is called on threads of the pool, up to <see cref="ShareProcessingOptions.MaxConcurrency"/> times at once. Its token
    /// ends when what it does cannot count any more.
    /// </param>
    /// <param name="options">How many at a time, and what failures lead to; null for the defaults.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Does not complete but by an error.</returns>
    /// <exception cref="KafkaSerializationException">
    /// A key or value cannot be read, and <see cref="ShareConsumerOptions.OnUnreadableRecord"/> did not decide. The record is released.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token has ended the call.</exception>
    /// <exception cref="KafkaException">As <see cref="ReadAllAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">Another loop is reading, or there is nothing to read: no topic.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async Task ProcessAsync(
        Func<ShareRecord<TKey, TValue>, CancellationToken, ValueTask> handler, ShareProcessingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var settings = (options ?? new ShareProcessingOptions()).Validated();
        cancellation.ThrowIfCancellationRequested();
        BeginReading();
        var processor = new Processor(this, handler, settings, cancellation);
        _processor = processor;
        try
        {
            await _runtime.Enter();
            await processor.RunAsync();
        }
        finally
        {
            _processor = null;
            EndReading();
            processor.Ended.TrySetResult();
        }
    }

    /// <summary>Sends what was acknowledged as a loop ends; what hinders it is logged, since the loop has something else to tell.</summary>
    async ValueTask CommitAtEndAsync()
    {
        try
        {
            await Ask<IReadOnlyList<ShareAcknowledgement>>(_options.CloseTimeout, CancellationToken.None, (call, _) => _machine.Commit(call));
        }
        catch (Exception error) when (error is KafkaException or ObjectDisposedException)
        {
            _runtime.Log(logger => ClientLog.ShareProblem(logger, _options.GroupId!, error.Message));
        }
    }

    /// <summary>Ends a call of <see cref="ProcessAsync"/> that runs, and waits for it.</summary>
    async ValueTask StopProcessingAsync()
    {
        if (_processor is not { } processor)
            return;
        processor.Stop();
        try
        {
            await processor.Ended.Task.WaitAsync(_options.CloseTimeout, _runtime.Options.TimeProvider);
        }
        catch (TimeoutException)
        {
        }
    }
}
