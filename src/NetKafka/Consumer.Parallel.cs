using NetKafka.Consuming;
using NetKafka.Internal.Kernel;

namespace NetKafka;

/// <summary>Work on many records at a time.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>
    /// Hands each record to a handler, many at a time, and keeps the order of those that belong together: of a key, or of a partition. A
    /// handler's keys, values and headers live until it has ended.
    /// <para>
    /// A partition's position, which <see cref="ConsumerOptions.EnableAutoCommit"/>, a rebalance and <see cref="CommitAsync(CancellationToken)"/>
    /// commit, moves only over records that are finished without one unfinished before them. So each is handled at least once, whatever
    /// happens; what was finished behind one that was not is handled again after a crash.
    /// </para>
    /// <para>
    /// A partition that is to be given up begins no more records, and is given up once its handlers have ended and what is finished is
    /// committed, at the latest after <see cref="ConsumerOptions.MaxPollInterval"/>. Of a partition that is lost, and of one that was given up
    /// without waiting longer, the handlers' tokens end, and what they finish counts for nothing. A handler that runs for longer than
    /// <see cref="ConsumerOptions.MaxPollInterval"/> has the same effect as a loop that does not ask for the next record for as long: the
    /// member leaves the group, and joins again once the handler has ended. While one partition waits for its handlers the others go on.
    /// </para>
    /// <para>
    /// The call runs until its token ends it, or an error. Then nothing more begins, and what has begun has three quarters of
    /// <see cref="ConsumerOptions.CloseTimeout"/> to end by itself; after that its tokens end, and at the timeout the call is over, whether or
    /// not a handler still runs. What is finished is committed if <see cref="ConsumerOptions.EnableAutoCommit"/> is set. The same call may be
    /// made again.
    /// </para>
    /// </summary>
    /// <param name="handler">
    /// Works on a record. It is called on threads of the pool, up to <see cref="ProcessingOptions.MaxConcurrency"/> times at once. Its token
    /// ends when what it does cannot count any more. Seek, pause, resume and commit may be called in it.
    /// </param>
    /// <param name="options">How many at a time and in what order; null for the defaults.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Does not complete but by an error.</returns>
    /// <exception cref="RecordProcessingException">
    /// A handler threw, and <see cref="ProcessingOptions.OnError"/> did not decide otherwise. The record is the next of its order again.
    /// </exception>
    /// <exception cref="KafkaSerializationException">
    /// A key or value cannot be read, and <see cref="ConsumerOptions.OnUnreadableRecord"/> did not decide otherwise.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token has ended the call.</exception>
    /// <exception cref="KafkaException">As <see cref="ReadAllAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">Another loop is reading, or there is nothing to read: no topic, no partition.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async Task ProcessAsync(
        Func<ConsumerRecord<TKey, TValue>, CancellationToken, ValueTask> handler, ProcessingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var settings = (options ?? new ProcessingOptions()).Validated();
        cancellation.ThrowIfCancellationRequested();
        BeginReading();
        try
        {
            LeavePolled();
            await _runtime.Enter();
            await new Processor(this, handler, settings, cancellation).RunAsync();
        }
        finally
        {
            EndReading();
        }
    }

    /// <summary>Commits what is finished as a loop ends; what hinders it is logged, since the loop has something else to tell.</summary>
    async ValueTask CommitAtEndAsync()
    {
        try
        {
            await Ask<bool>(_options.CloseTimeout, CancellationToken.None, (call, _, effects) => _machine.CommitFinished(call, effects));
        }
        catch (Exception error) when (error is KafkaException or ObjectDisposedException)
        {
            _runtime.Log(logger => Diagnostics.ClientLog.CommitFailed(logger, _options.GroupId!, error.Message));
        }
    }
}
