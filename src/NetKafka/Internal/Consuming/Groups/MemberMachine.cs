using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// A member of a group, by whichever protocol. It says to its owner which partitions to give up and to take, and the owner answers each of
/// these by <see cref="OnHandedOver"/>.
/// </summary>
abstract class MemberMachine : Machine, IGroupMembership
{
    public string MemberId { get; protected set; } = "";

    /// <summary>The generation of the classic protocol, or the member epoch of the consumer protocol; −1 without membership.</summary>
    public int Generation { get; protected set; } = -1;

    public abstract bool CanCommit { get; }

    public abstract bool IsRebalancing { get; }

    public abstract bool IsOfConsumerProtocol { get; }

    public virtual Guid TopicIdOf(TopicPartition partition) => Guid.Empty;

    /// <summary>Wants to be a member from now on.</summary>
    public abstract void Join(string reason);

    /// <summary>
    /// What was asked of the owner is done. An answer to what was asked before a loss or a suspension is not awaited any more.
    /// </summary>
    public abstract void OnHandedOver(int number);

    public abstract void OnClusterChanged();

    /// <summary>Other topics are subscribed to from now on.</summary>
    public abstract void OnSubscriptionChanged();

    /// <summary>The application wants the partitions to be shared out anew (KIP-568).</summary>
    /// <returns>Whether this protocol can do that.</returns>
    public abstract bool EnforceRebalance(string reason);

    public abstract void OnRefused(ErrorCode error);

    /// <summary>
    /// The application has stopped reading: its partitions are given to others. It joins again when it reads again.
    /// </summary>
    public abstract void Suspend(string reason);

    /// <summary>Leaves for good. Partitions were given up before.</summary>
    /// <param name="deadline">How long the answer is waited for.</param>
    /// <param name="operation">Whether it leaves at all.</param>
    /// <param name="onLeft">Told once it was said, or could not be.</param>
    public abstract void Leave(Instant deadline, GroupMembershipOperation operation, Action onLeft);
}
