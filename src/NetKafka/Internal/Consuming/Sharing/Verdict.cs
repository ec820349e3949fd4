namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>What becomes of an acknowledgement.</summary>
enum Verdict
{
    /// <summary>It counts.</summary>
    Accepted,

    /// <summary>The broker could not take it for a passing reason: the lock is as it was, and it is sent again.</summary>
    SendAgain,

    /// <summary>It does not count, and nothing more is said of the record, unless it was to renew its lock.</summary>
    Refused,

    /// <summary>It does not count, since the record is not this consumer's any more.</summary>
    Lost,
}
