namespace NetKafka.Load.Rows;

/// <summary>In which form a consumer takes records.</summary>
public enum ReadStyle
{
    /// <summary>The fastest form that the client documents: batches, views, raw bytes.</summary>
    Fastest,

    /// <summary>Record by record, bytes without a copy where the client can.</summary>
    Single,

    /// <summary>Record by record, each value a new array.</summary>
    Bytes,

    /// <summary>Record by record, each value a string.</summary>
    Text,

    /// <summary>Record by record, by handlers side by side, bytes without a copy where the client can.</summary>
    Parallel,

    /// <summary>As a member of a group of the classic protocol, in the fastest form; what is read is committed by the client itself.</summary>
    Group,

    /// <summary>The same in a group of the consumer protocol (KIP-848).</summary>
    ConsumerGroup,

    /// <summary>As a member of a share group, list by list, each accepted with the next; bytes without a copy where the client can.</summary>
    Share,
}
