using NetKafka.Consuming;

namespace NetKafka;

/// <content>What is subscribed to, while the consumer lives.</content>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>Reads these topics, and no others, from now on; see the overload.</summary>
    /// <param name="topics">The names of the topics.</param>
    /// <param name="cancellation">Ends the wait; the topics are subscribed to all the same.</param>
    /// <returns>Completes once the subscription has changed; partitions come with the group's next rebalance.</returns>
    /// <inheritdoc cref="SubscribeAsync(TopicSubscription, CancellationToken)" path="/exception"/>
    public ValueTask SubscribeAsync(IEnumerable<string> topics, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        return SubscribeAsync(new TopicSubscription { Topics = [.. topics] }, cancellation);
    }

    /// <summary>
    /// Reads what this says, and nothing else, from now on: it takes the place of what the options say and of an earlier call. Partitions of
    /// topics that are left out are read until the group has taken them away. May be called from any thread, while a loop reads too.
    /// </summary>
    /// <param name="subscription">Topics, a pattern, or both.</param>
    /// <param name="cancellation">Ends the wait; the subscription changes all the same.</param>
    /// <returns>Completes once the subscription has changed; partitions come with the group's next rebalance.</returns>
    /// <exception cref="KafkaOptionsException">The subscription is empty, a name or a pattern is none, or the consumer's protocol has no such pattern.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no <see cref="ConsumerOptions.GroupId"/>, partitions are assigned by hand, or <see cref="UnsubscribeAsync"/> has not completed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask SubscribeAsync(TopicSubscription subscription, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (_options.GroupId is null)
            throw new InvalidOperationException("Topics are subscribed to as a member of a group: set GroupId, or assign partitions (AssignAsync).");
        var mistakes = new List<string>();
        subscription.Check(_options.GroupProtocol, mistakes);
        if (mistakes.Count == 0 && subscription.IsEmpty)
            mistakes.Add("Nothing is subscribed to: name topics or a pattern; UnsubscribeAsync ends a subscription.");
        if (mistakes.Count > 0)
            throw new KafkaOptionsException(mistakes);
        var wanted = subscription.Copy();
        await Ask<bool>(cancellation, (call, _, effects) => _machine.Subscribe(wanted, call, effects));
        _subscription = wanted;
    }

    /// <summary>
    /// Ends the subscription: the record in hand is waited for, what is finished is committed, the partitions are given up and the group is
    /// left, as when the consumer closes. Partitions that were assigned by hand are given up too. The consumer can subscribe or assign anew.
    /// A loop that reads waits meanwhile; called inside that loop's body, this waits for the record in hand, and so until its time is over
    /// (<see cref="ConsumerOptions.DefaultApiTimeout"/>).
    /// </summary>
    /// <param name="cancellation">Ends the wait; the group is left all the same.</param>
    /// <returns>Completes once the group is left.</returns>
    /// <exception cref="KafkaTimeoutException">That took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask UnsubscribeAsync(CancellationToken cancellation = default)
    {
        await Ask<bool>(cancellation, (call, _, _) => _machine.Unsubscribe(call));
        _subscription = null;
    }

    /// <summary>
    /// Has the group share out its partitions anew (KIP-568), as when something has changed that a custom assignor looks at. Of the classic
    /// protocol only.
    /// </summary>
    /// <param name="reason">Why; the coordinator logs it (KIP-800).</param>
    /// <param name="cancellation">Ends the wait; the rebalance begins all the same.</param>
    /// <returns>Completes once this member wants the rebalance; a member that has not joined yet, or that joins, has nothing else to do for it.</returns>
    /// <exception cref="InvalidOperationException">The consumer subscribes to nothing.</exception>
    /// <exception cref="NotSupportedException">The group uses the consumer protocol, of which the coordinator decides that alone.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask EnforceRebalanceAsync(string? reason = null, CancellationToken cancellation = default) =>
        Run(cancellation, (call, _, effects) => _machine.EnforceRebalance(reason ?? "the application enforces a rebalance", call, effects));
}
