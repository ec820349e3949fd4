namespace NetKafka.Administration;

/// <summary>What kind of group it is, which its first member decides.</summary>
public enum GroupType
{
    /// <summary>One that this client does not know, or that the broker does not tell.</summary>
    Unknown,

    /// <summary>A group of the consumer protocol (KIP-848).</summary>
    Consumer,

    /// <summary>A group of the classic protocol.</summary>
    Classic,

    /// <summary>A share group (KIP-932).</summary>
    Share,

    /// <summary>A group of the streams protocol (KIP-1071).</summary>
    Streams,
}
