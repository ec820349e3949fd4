namespace NetKafka.Consuming;

/// <summary>What becomes of a record whose key or value cannot be read; see <see cref="ConsumerOptions.OnUnreadableRecord"/>.</summary>
public enum UnreadableRecordAction
{
    /// <summary>Reading throws, and the record stays the next one of its partition.</summary>
    Stop = 0,

    /// <summary>The record is finished: reading goes on behind it. That is logged.</summary>
    Skip,
}
