namespace NetKafka.Protocol.Records;

/// <summary>What the timestamps of a batch mean.</summary>
public enum TimestampType
{
    /// <summary>The format has no timestamps (message format 0).</summary>
    None = -1,

    /// <summary>Set by the producer.</summary>
    CreateTime = 0,

    /// <summary>Set by the broker when it appended the batch; all records of a batch share it.</summary>
    LogAppendTime = 1,
}
