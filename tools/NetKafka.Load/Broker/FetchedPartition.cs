namespace NetKafka.Load.Broker;

/// <summary>A partition that is read: what was asked last, and whether an answer has named it since it was added.</summary>
sealed class FetchedPartition(TopicLog topic, int index)
{
    public TopicLog Topic => topic;

    public int Index => index;

    /// <summary>From where.</summary>
    public long Offset { get; set; }

    public int MaxBytes { get; set; }

    /// <summary>Whether the client knows its high watermark, which never moves.</summary>
    public bool IsTold { get; set; }

    /// <summary>Whether the answer under way brings records of it.</summary>
    public bool IsServed { get; set; }

    public bool IsForgotten { get; set; }
}
