namespace NetKafka.Consuming;

/// <summary>
/// A way of one's own to share partitions among the members of a group, to derive from; Java's interface of this name. It is given to each
/// member by <see cref="ConsumerOptions.CustomAssignors"/>. The group uses the first assignor that all members name, and of the members only
/// the leader is asked to <see cref="Assign"/>.
/// <para>
/// Its methods run one at a time, apart from the reading loop and on no particular thread; they must not wait for this consumer. While one
/// runs the member waits for it, for <see cref="ConsumerOptions.MaxPollInterval"/> at most. An object serves one consumer. What a method
/// throws, and an answer that cannot be (see <see cref="Assign"/>), ends the consumer: its calls and its reading loop throw a
/// <see cref="KafkaException"/> that names the assignor and the mistake, and the group goes on without the member.
/// </para>
/// </summary>
public abstract class ConsumerPartitionAssignor
{
    /// <summary>
    /// The name by which the members of a group agree on it. It must not change, not be empty, and not be the name of another assignor of
    /// the same consumer; Kafka's own are <c>range</c>, <c>roundrobin</c>, <c>sticky</c> and <c>cooperative-sticky</c>.
    /// </summary>
    public abstract string Name { get; }

    /// <summary>
    /// The rebalance protocols that it can be used with; it must not change. Default: eager only. An assignor that is told of
    /// <see cref="MemberSubscription.OwnedPartitions"/> by members that go on reading needs nothing more to be cooperative: what it gives to
    /// a member while another still reads it is withheld by the consumer, and the rebalance that follows gives it.
    /// </summary>
    public virtual IReadOnlyList<RebalanceProtocol> SupportedProtocols => [RebalanceProtocol.Eager];

    /// <summary>
    /// What this member tells the leader beside its subscription; asked before each join. The leader finds it in
    /// <see cref="MemberSubscription.UserData"/>.
    /// </summary>
    /// <param name="topics">The topics that this member subscribes to, in order.</param>
    /// <returns>Any bytes, which are copied; a few KiB at most are wise, since the coordinator keeps them. Default: none.</returns>
    public virtual ReadOnlyMemory<byte> SubscriptionUserData(IReadOnlyList<string> topics) => default;

    /// <summary>
    /// Shares the partitions out; asked of the leader of the group alone. The answer may leave partitions out, which nobody reads then, and
    /// members, which get none. It must give no partition twice, and give partitions that exist to members that are in the group and
    /// subscribe to the topic.
    /// </summary>
    /// <param name="group">The members, the topics and the brokers.</param>
    /// <returns>Who gets what.</returns>
    public abstract GroupAssignment Assign(GroupSubscription group);

    /// <summary>
    /// Tells what this member was given, in each rebalance and before any handler is called. Default: nothing is done.
    /// </summary>
    /// <param name="assignment">The partitions, and what the leader's assignor said beside them.</param>
    /// <param name="group">The group, the member and the generation.</param>
    public virtual void OnAssignment(MemberAssignment assignment, ConsumerGroupMetadata group)
    {
    }
}
