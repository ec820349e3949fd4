using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>One batch in a request, and what the answer says of it.</summary>
struct ProduceItem
{
    public ProduceBatch Batch;

    /// <summary>
    /// The topic that the batch is for, as it was when the request was made: one that waits for its connection while the topic is created
    /// anew is for the old one, like those before it.
    /// </summary>
    public Guid TopicId;

    public bool IsAnswered;
    public ErrorCode Error;
    public long BaseOffset;
    public long LogAppendTimeMs;
    public long LogStartOffset;

    /// <summary>The leader that the broker names in place of itself (KIP-951); −1 for none.</summary>
    public int LeaderId;

    public int LeaderEpoch;
    public string? Message;
    public Dictionary<int, string>? RecordMessages;
}
