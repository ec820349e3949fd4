namespace NetKafka.Consuming;

/// <summary>What becomes of a record that a share group has handed to this consumer (KIP-932).</summary>
public enum AcknowledgeType
{
    /// <summary>It is done: nobody is given it again.</summary>
    Accept = 1,

    /// <summary>
    /// Somebody else, or this consumer again, shall be given it, as long as it has not been delivered too often
    /// (<c>share.delivery.count.limit</c> of the group, by default 5 times): then it is done away with as if it had been rejected.
    /// </summary>
    Release = 2,

    /// <summary>It can never be worked on: nobody is given it again.</summary>
    Reject = 3,

    /// <summary>
    /// It is still being worked on: its lock lasts for another <c>share.record.lock.duration.ms</c>, from now (KIP-1222). One of the other
    /// three follows later. Takes brokers from 4.2 on.
    /// </summary>
    Renew = 4,
}
